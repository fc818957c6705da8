package environment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/environment"
)

type edit = func(*environment.Options)

func prefer(o *environment.Options)       { o.PreferDockerfile = true }
func dontGenerate(o *environment.Options) { o.AutoGenerateRequirements = false }

func requirementsFile(name string) edit {
	return func(o *environment.Options) { o.RequirementsFile = name }
}
func dockerfile(name string) edit { return func(o *environment.Options) { o.Dockerfile = name } }
func fallback(name string) edit   { return func(o *environment.Options) { o.FallbackStrategy = name } }

func TestARequirementsFileAndADockerfile(t *testing.T) {
	both := repository{"requirements.txt": "a==1", "Dockerfile": "FROM a"}
	tests := map[string]struct {
		files    repository
		edits    []edit
		path     string
		conflict string
	}{
		"requirements win":                       {both, nil, "requirements.txt", "The requirements file is installed, and the Dockerfile is not read. Set preferDockerfile: true"},
		"the Dockerfile where it is preferred":   {both, []edit{prefer}, "Dockerfile", "The Dockerfile is built, because preferDockerfile is true"},
		"of different directories":               {repository{"requirements.txt": "", "tier1/intro/Dockerfile": "FROM a"}, nil, "requirements.txt", "a Dockerfile, tier1/intro/Dockerfile, for this notebook"},
		"both named":                             {both.with("r/x.txt", "", "d/Own", "FROM a"), []edit{requirementsFile("r/x.txt"), dockerfile("d/Own")}, "r/x.txt", "a requirements file, r/x.txt, and a Dockerfile, d/Own,"},
		"both named, the Dockerfile preferred":   {both.with("r/x.txt", "", "d/Own", "FROM a"), []edit{requirementsFile("r/x.txt"), dockerfile("d/Own"), prefer}, "d/Own", "preferDockerfile is true"},
		"no requirements file":                   {both.without("requirements.txt"), nil, "Dockerfile", ""},
		"no requirements file, and a preference": {both.without("requirements.txt"), []edit{prefer}, "Dockerfile", ""},
		"no Dockerfile":                          {both.without("Dockerfile"), nil, "requirements.txt", ""},
		"no Dockerfile, and a preference":        {both.without("Dockerfile"), []edit{prefer}, "requirements.txt", ""},
		"requirements are not looked for":        {both, []edit{dontGenerate}, "Dockerfile", ""},
		"a named Dockerfile that is missing":     {both, []edit{dockerfile("gone")}, "requirements.txt", ""},
		"a Dockerfile of another notebook":       {repository{"requirements.txt": "", "tier2/Dockerfile": "FROM a"}, nil, "requirements.txt", ""},
		"broken requirements beside a preferred": {repository{"requirements.txt": "-r gone.txt", "Dockerfile": "FROM a"}, []edit{prefer}, "Dockerfile", "preferDockerfile is true"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options(test.edits...))
			require.NoError(t, err)
			assert.Equal(t, test.path, got.Path)
			if test.conflict == "" {
				assert.Empty(t, got.Conflict)
			} else {
				assert.Contains(t, got.Conflict, test.conflict)
			}
			assert.False(t, got.Warn)
		})
	}
}

func TestNothingIsFound(t *testing.T) {
	tests := map[string]struct {
		edits []edit
		warn  bool
		says  string
	}{
		"by default":                 {nil, true, "neither a requirements file nor a Dockerfile"},
		"warn":                       {[]edit{fallback("warn")}, true, "neither a requirements file nor a Dockerfile"},
		"auto":                       {[]edit{fallback("auto")}, false, "neither a requirements file nor a Dockerfile"},
		"and nothing was looked for": {[]edit{dontGenerate}, true, "no Dockerfile for this notebook, and autoGenerateRequirements is false"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(repository{"tier1/intro/a.ipynb": "{}"}, options(test.edits...))
			require.NoError(t, err)
			assert.Equal(t, environment.BaseImage, got.Source)
			assert.Equal(t, test.warn, got.Warn)
			assert.Contains(t, got.Why, test.says)
			assert.Empty(t, got.Path)
		})
	}
}

func TestNothingIsFoundAndThatFails(t *testing.T) {
	_, err := environment.Detect(repository{"environment.yml": ""}, options(fallback("fail")))
	require.Error(t, err)
	assert.Equal(t, environment.RequirementsNotFound, reasonOf(t, err))
	assert.Equal(t, "There is neither a requirements file nor a Dockerfile for this notebook, and fallbackStrategy is fail. Add a "+
		"requirements.txt in the notebook's directory, in its tier directory or at the root of the repository, name another file in "+
		"requirementsFile, or set fallbackStrategy: warn to run in the base image. Not read, because only requirements.txt is looked for, "+
		"in the notebook's directory, its tier directory and the root: environment.yml. Name the requirements file to install in "+
		"requirementsFile; what a file of another tool asks for has to be written into a requirements file.", err.Error())

	got, err := environment.Detect(repository{"requirements.txt": ""}, options(fallback("fail")))
	require.NoError(t, err, "something is found")
	assert.Equal(t, environment.RepositoryRoot, got.Source)
}

func TestFilesThatAreLeftAside(t *testing.T) {
	const (
		project = "[project]\nname = 'x'\ndependencies = ['numpy']\n"
		conda   = "name: x\ndependencies:\n- numpy\n"
	)
	tests := map[string]struct {
		files repository
		edits []edit
		aside string
	}{
		"conda":                                {repository{"environment.yml": ""}, nil, "environment.yml"},
		"the nearest first":                    {repository{"Pipfile": "", "tier1/environment.yaml": "", "tier1/intro/poetry.lock": "", "uv.lock": ""}, nil, "tier1/intro/poetry.lock, tier1/environment.yaml, Pipfile, uv.lock"},
		"requirements under other names":       {repository{"requirements-dev.txt": "", "requirements_gpu.txt": "", "dev-requirements.txt": "", "requirements.in": "", "requirements/base.txt": ""}, nil, "dev-requirements.txt, requirements-dev.txt, requirements.in, requirements/base.txt, requirements_gpu.txt"},
		"more than can be named":               {repository{"Pipfile": "", "Pipfile.lock": "", "pdm.lock": "", "poetry.lock": "", "pixi.toml": "", "uv.lock": "", "environment.yml": ""}, nil, "Pipfile, Pipfile.lock, environment.yml, pdm.lock, pixi.toml and 2 more"},
		"a project":                            {repository{"pyproject.toml": project}, nil, "pyproject.toml"},
		"a project of Poetry":                  {repository{"pyproject.toml": "[tool.poetry.dependencies]\nnumpy = '*'\n"}, nil, "pyproject.toml"},
		"groups of dependencies":               {repository{"pyproject.toml": "[dependency-groups]\ndev = []\n"}, nil, "pyproject.toml"},
		"a project that names none":            {repository{"pyproject.toml": "[tool.black]\nline-length = 100\n"}, nil, ""},
		"an old project":                       {repository{"setup.py": "setup(install_requires=['numpy'])", "setup.cfg": "[options]\ninstall_requires =\n  numpy\n"}, nil, "setup.cfg, setup.py"},
		"settings of other tools":              {repository{"setup.py": "setup()", "setup.cfg": "[flake8]\nmax-line-length = 100\n"}, nil, ""},
		"a project that cannot be read":        {repository{"pyproject.toml": "->gone"}, nil, "pyproject.toml"},
		"of other notebooks":                   {repository{"tier2/environment.yml": "", "tier1/other/Pipfile": "", "docs/requirements/base.txt": ""}, nil, ""},
		"nearer than what is installed":        {repository{"requirements.txt": "", "tier1/environment.yml": "", "Pipfile": ""}, nil, "tier1/environment.yml"},
		"farther than what is installed":       {repository{"tier1/requirements.txt": "", "tier1/environment.yml": "", "Pipfile": ""}, nil, ""},
		"nearer than a Dockerfile":             {repository{"Dockerfile": "FROM a", "tier1/intro/environment.yml": ""}, nil, "tier1/intro/environment.yml"},
		"beside a Dockerfile":                  {repository{"Dockerfile": "FROM a", "environment.yml": ""}, nil, ""},
		"what was named is enough":             {repository{"r.txt": "", "tier1/intro/environment.yml": ""}, []edit{requirementsFile("r.txt")}, ""},
		"a named Dockerfile is enough":         {repository{"d/Own": "FROM a", "tier1/intro/environment.yml": ""}, []edit{dockerfile("d/Own")}, ""},
		"an include is read":                   {repository{"requirements.txt": "-r tier1/requirements-dev.txt\n", "tier1/requirements-dev.txt": ""}, nil, ""},
		"an installed project is read":         {repository{"requirements.txt": "-e ./tier1\n", "tier1/pyproject.toml": project}, nil, ""},
		"a notebook at the root":               {repository{"environment.yml": ""}, []edit{func(o *environment.Options) { o.NotebookPath = "a.ipynb" }}, "environment.yml"},
		"a wanted Dockerfile":                  {repository{"Dockerfile": "FROM a", "tier1/intro/environment.yml": "", "requirements.txt": ""}, []edit{dontGenerate}, ""},
		"names are quoted where they must be":  {repository{"requirements- \n.txt": "", "requirements-\"a.txt": ""}, nil, `"requirements- \n.txt", "requirements-\"a.txt"`},
		"the directory is called requirements": {repository{"tier1/requirements/gpu.txt": ""}, nil, "tier1/requirements/gpu.txt"},
		"the sources of pip-compile":           {repository{"requirements/base.in": "", "requirements/notes.md": ""}, nil, "requirements/base.in"},
		"a lock of pip":                        {repository{"requirements.lock": "", "requirements-dev.lock": ""}, nil, "requirements-dev.lock, requirements.lock"},
		"a letter is missing":                  {repository{"requirement.txt": ""}, nil, "requirement.txt"},
		"letters of another case":              {repository{"tier1/Requirements.txt": "", "REQUIREMENTS.TXT": ""}, nil, "tier1/Requirements.txt, REQUIREMENTS.TXT"},
		"another case beside what is there":    {repository{"requirements.txt": "", "Requirements.txt": ""}, nil, ""},
		"conda under other names":              {repository{"environment-dev.yml": conda, "env.yml": conda, "conda.yaml": conda, "tier1/conda.yml": conda}, nil, "tier1/conda.yml, conda.yaml, env.yml, environment-dev.yml"},
		"settings under such a name":           {repository{"env.yml": "PORT: 80\n", "environment-prod.yml": "services:\n  dependencies: x\n"}, nil, ""},
		"Binder":                               {repository{"binder/environment.yml": "", "binder/requirements.txt": "", "binder/apt.txt": ""}, nil, "binder/environment.yml, binder/requirements.txt"},
		"Binder in a hidden folder":            {repository{".binder/environment.yml": "", ".binder/requirements.txt": ""}, nil, ".binder/environment.yml, .binder/requirements.txt"},
		"Binder, nearer than what there is":    {repository{"requirements.txt": "", "binder/requirements.txt": "", "tier1/binder/requirements.txt": ""}, nil, "tier1/binder/requirements.txt"},
		"Binder of another notebook":           {repository{"tier2/binder/requirements.txt": "", "binder/old/requirements.txt": ""}, nil, ""},
		"Binder is included":                   {repository{"requirements.txt": "-r tier1/binder/requirements.txt", "tier1/binder/requirements.txt": ""}, nil, ""},
		"a notebook of Binder":                 {repository{"binder/requirements.txt": ""}, []edit{func(o *environment.Options) { o.NotebookPath = "binder/demo/a.ipynb" }}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options(test.edits...))
			require.NoError(t, err)
			_, after, said := strings.Cut(got.Why, " Not read, because only requirements.txt is looked for, in the notebook's directory, its tier directory and the root: ")
			assert.Equal(t, test.aside != "", said, got.Why)
			aside, advice, _ := strings.Cut(after, ". Name ")
			assert.Equal(t, test.aside, aside)
			assert.Equal(t, said, strings.Contains(advice, "requirementsFile"))
		})
	}
}

func TestRequirementsThatAreNotToBeRead(t *testing.T) {
	got, err := environment.Detect(repository{"requirements.txt": "a", "tier1/Pipfile": ""}, options(dontGenerate))
	require.NoError(t, err)
	assert.Equal(t, environment.BaseImage, got.Source)
	assert.Contains(t, got.Why, "Not read, because autoGenerateRequirements is false: tier1/Pipfile, requirements.txt.")
}

func TestDockerfilesUnderOtherNamesAreToldOf(t *testing.T) {
	const nothing, also = " Name the one to build in buildConfig.dockerfile.", " Name the one to build in buildConfig.dockerfile, and set preferDockerfile: true."
	tests := map[string]struct {
		files repository
		edits []edit
		says  string
	}{
		"of Podman":                     {repository{"Containerfile": "FROM a"}, nil, "Containerfile." + nothing},
		"in lower case":                 {repository{"tier1/intro/dockerfile": "FROM a"}, nil, "tier1/intro/dockerfile." + nothing},
		"the nearest first":             {repository{"dockerfile": "", "tier1/DOCKERFILE": ""}, nil, "tier1/DOCKERFILE, dockerfile." + nothing},
		"nearer than requirements":      {repository{"requirements.txt": "", "tier1/Containerfile": ""}, nil, "tier1/Containerfile." + also},
		"farther than requirements":     {repository{"tier1/requirements.txt": "", "Containerfile": ""}, nil, ""},
		"nearer than a Dockerfile":      {repository{"Dockerfile": "FROM a", "tier1/intro/Containerfile": ""}, nil, "tier1/intro/Containerfile." + nothing},
		"beside a Dockerfile":           {repository{"Dockerfile": "FROM a", "Containerfile": ""}, nil, ""},
		"requirements are not read":     {repository{"Containerfile": ""}, []edit{dontGenerate}, "Containerfile." + nothing},
		"a named Dockerfile is enough":  {repository{"d/Own": "FROM a", "Containerfile": ""}, []edit{dockerfile("d/Own")}, ""},
		"named requirements are enough": {repository{"r.txt": "", "Containerfile": ""}, []edit{requirementsFile("r.txt")}, ""},
		"of another notebook":           {repository{"tier2/Containerfile": "", "Dockerfile.gpu": ""}, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options(test.edits...))
			require.NoError(t, err)
			_, after, _ := strings.Cut(got.Why, " Not built, because only Dockerfile is looked for: ")
			assert.Equal(t, test.says, after, got.Why)
		})
	}
}

func TestSourcesThatAreNotThereAreToldOf(t *testing.T) {
	const advice = " at this commit. Correct the path or commit the file, if it is meant to be there."
	sources := func(names ...string) edit {
		return func(o *environment.Options) { o.RequirementsSources = names }
	}
	tests := map[string]struct {
		files repository
		edits []edit
		says  string
	}{
		"one of them, before what is there": {repository{"b.txt": ""}, []edit{sources("a.txt", "b.txt")}, "a.txt" + advice},
		"one of them, after what is there":  {repository{"b.txt": ""}, []edit{sources("b.txt", "x/../c.txt")}, "c.txt" + advice},
		"all, beside requirements":          {repository{"requirements.txt": ""}, []edit{sources("a.txt", "b.txt")}, "a.txt, b.txt" + advice},
		"all, beside a Dockerfile":          {repository{"Dockerfile": "FROM a"}, []edit{sources("a.txt")}, "a.txt" + advice},
		"all, and nothing else is there":    {repository{}, []edit{sources("a.txt")}, "a.txt" + advice},
		"more than can be named":            {repository{}, []edit{sources("a", "b", "c", "d", "e", "f", "g")}, "a, b, c, d, e and 2 more" + advice},
		"none":                              {repository{"b.txt": ""}, []edit{sources("b.txt")}, ""},
		"nobody looks for them":             {repository{}, []edit{sources("a.txt"), dontGenerate}, ""},
		"a file is named instead":           {repository{"r.txt": ""}, []edit{sources("a.txt"), requirementsFile("r.txt")}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := environment.Detect(test.files, options(test.edits...))
			require.NoError(t, err)
			_, after, _ := strings.Cut(got.Why, " Of requirementsSources the repository does not have ")
			assert.Equal(t, test.says, after, got.Why)
		})
	}

	_, err := environment.Detect(repository{}, options(sources("a.txt"), fallback("fail")))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "Of requirementsSources the repository does not have a.txt"+advice)
}

func TestVariablesAreToldOf(t *testing.T) {
	got, err := environment.Detect(repository{"requirements.txt": "a==1\n--index-url https://${USER_1}:${TOKEN}@example.com/simple\n"}, options())
	require.NoError(t, err)
	assert.Contains(t, got.Why, " requirements.txt:2 uses ${USER_1}, and a build has the environment variables of its base image only")

	got, err = environment.Detect(repository{"requirements.txt": "a==1 # ${TOKEN}\nb==1;python_version<'${lower}'\n"}, options())
	require.NoError(t, err)
	assert.Equal(t, "requirements.txt lies at the root of the repository.", got.Why)
}

func TestLinesAreShownWithoutSecrets(t *testing.T) {
	tests := map[string]struct{ line, shown string }{
		"a password":          {"a @ https://user:pa@ss@example.com/a.whl", "a @ https://***@example.com/a.whl"},
		"a token":             {"git+https://token@github.com/a/b@main", "git+https://***@github.com/a/b@main"},
		"a password with a #": {"git+https://u:p#w@github.com/a/b", "git+https://***@github.com/a/b"},
		"the user git":        {"git+ssh://git@github.com/a/b@main", "git+ssh://git@github.com/a/b@main"},
		"git's password":      {"git+ssh://git:pw@github.com/a/b", "git+ssh://***@github.com/a/b"},
		"a query":             {"https://example.com/a.tgz?private_token=x&y#egg=a", "https://example.com/a.tgz?***#egg=a"},
		"two addresses":       {"a @ https://u:p@a.com/x b @ https://q:r@b.com/y", "a @ https://***@a.com/x b @ https://***@b.com/y"},
		"nothing to hide":     {"numpy >= 1 ; python_version > '3'", "numpy >= 1 ; python_version > '3'"},
		"control characters":  {"a\x1b[31m\u202eb", "a [31m b"},
		"200 bytes":           {strings.Repeat("a", 200), strings.Repeat("a", 200)},
		"201 bytes":           {strings.Repeat("a", 201), strings.Repeat("a", 197) + "..."},
		"wide characters":     {strings.Repeat("é", 150), strings.Repeat("é", 98) + "..."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.shown, environment.LineText(test.line))
		})
	}
}

func TestNamesAreShownInOneLineAndBounded(t *testing.T) {
	tests := map[string]struct{ name, shown string }{
		"plain":                {"a/b.txt", "a/b.txt"},
		"a space":              {"a b", `"a b"`},
		"a line break":         {"a\nb", `"a\nb"`},
		"not UTF-8":            {"a\xffb", `"a\xffb"`},
		"long":                 {strings.Repeat("a", 300), strings.Repeat("a", 197) + "..."},
		"long and odd":         {"\x00" + strings.Repeat("a", 300), `"\x00` + strings.Repeat("a", 196) + `"...`},
		"nothing but odd ones": {strings.Repeat("\x00", 300), `"` + strings.Repeat(`\x00`, 50) + `"...`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.shown, environment.Shown(test.name))
		})
	}
}
