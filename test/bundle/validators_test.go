package bundle

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/operator-framework/api/pkg/manifests"
	"github.com/operator-framework/api/pkg/validation"
	"github.com/operator-framework/api/pkg/validation/errors"
	interfaces "github.com/operator-framework/api/pkg/validation/interfaces"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allowed are the warnings that we live with, each with the reason.
var allowed = map[string]string{}

// suites are the validators of the Operator Framework, the optional ones among them, with what they want to be told.
func suites() map[string]struct {
	validators interfaces.Validators
	options    map[string]string
} {
	type suite = struct {
		validators interfaces.Validators
		options    map[string]string
	}
	all := map[string]suite{
		"default":        {validation.DefaultBundleValidators, nil},
		"operatorhub v2": {interfaces.Validators{validation.OperatorHubV2Validator}, nil},
		"capabilities":   {interfaces.Validators{validation.StandardCapabilitiesValidator}, nil},
		"categories":     {interfaces.Validators{validation.StandardCategoriesValidator}, nil},
		"good practices": {interfaces.Validators{validation.GoodPracticesValidator}, nil},
		// Deprecated by its makers, and run for as long as it is there.
		"community":       {interfaces.Validators{validation.CommunityOperatorValidator}, map[string]string{"index-path": root + "/bundle.Dockerfile"}},
		"objects":         {interfaces.Validators{validation.ObjectValidator}, nil},
		"operator groups": {interfaces.Validators{validation.OperatorGroupValidator}, nil},
	}
	for _, version := range []string{"1.31", "1.32", "1.33", "1.34", "1.35"} {
		all["removed APIs of "+version] = suite{
			interfaces.Validators{validation.AlphaDeprecatedAPIsValidator}, map[string]string{"k8s-version": version + ".0"},
		}
	}
	return all
}

// validate returns the findings of a suite on a bundle, errors first.
func validate(t *testing.T, folder string, validators interfaces.Validators, options map[string]string) (errs, warnings []errors.Error) {
	t.Helper()
	bundle, err := manifests.GetBundleFromDir(folder)
	require.NoError(t, err)
	objects := bundle.ObjectsToValidate()
	if options != nil {
		objects = append(objects, options)
	}
	for _, result := range validators.Validate(objects...) {
		errs = append(errs, result.Errors...)
		warnings = append(warnings, result.Warnings...)
	}
	return errs, warnings
}

func TestBundlesPassTheValidators(t *testing.T) {
	seen := map[string]bool{}
	for _, folder := range append(frozen(t), current) {
		for name, suite := range suites() {
			t.Run(filepath.Base(folder)+" "+name, func(t *testing.T) {
				errs, warnings := validate(t, folder, suite.validators, suite.options)
				assert.Empty(t, errs)
				for _, warning := range warnings {
					assert.Contains(t, allowed, warning.Detail, "a warning that nobody has thought about yet")
					seen[warning.Detail] = true
				}
			})
		}
	}
	for warning := range allowed {
		assert.Contains(t, seen, warning, "nobody warns of this any more")
	}
}

// TestImagesHaveTheArchitecturesOfTheLabels asks the registry, so it needs a program that reads registries, and images
// that have been pushed: it is for whoever releases.
func TestImagesHaveTheArchitecturesOfTheLabels(t *testing.T) {
	tool := os.Getenv("NBV_INSPECT_IMAGES_WITH")
	if tool == "" {
		t.Skip("set NBV_INSPECT_IMAGES_WITH to docker or podman once the images of the bundle are pushed; only these can read them from their registry")
	}
	_, err := exec.LookPath(tool)
	require.NoError(t, err)
	errs, warnings := validate(t, current, interfaces.Validators{validation.MultipleArchitecturesValidator}, map[string]string{"container-tools": tool})
	assert.Empty(t, errs)
	assert.Empty(t, warnings)
}

func TestTheValidatorsFindWhatIsBroken(t *testing.T) {
	const budget = "manifests/notebook-validator-controller-manager_policy_v1_poddisruptionbudget.yaml"
	tests := map[string]struct{ suite, file, old, new string }{
		"a capability that does not exist": {"capabilities", csvFile, "capabilities: Seamless Upgrades", "capabilities: Levitation"},
		"a category that does not exist":   {"categories", csvFile, "categories: AI/Machine Learning", "categories: Alchemy"},
		"a provider without a name":        {"operatorhub v2", csvFile, "    name: mlops.dev\n", ""},
		"an icon of no kind":               {"operatorhub v2", csvFile, "mediatype: image/svg+xml", "mediatype: text/plain"},
		"a kind that it does not own": {
			"default", csvFile, "kind: NotebookBuild\n      name: notebookbuilds.mlops.mlops.dev", "kind: Other\n      name: others.mlops.mlops.dev",
		},
		"a version that is none":              {"default", csvFile, "minKubeVersion: 1.31.0", "minKubeVersion: latest"},
		"a budget that lets nobody drain":     {"objects", budget, "maxUnavailable: 1", "maxUnavailable: 0"},
		"an API that the cluster has no more": {"removed APIs of 1.31", budget, "policy/v1", "policy/v1beta1"},
		"a container without requests":        {"good practices", csvFile, "                  requests:\n", "                  request:\n"},
		"a kind that nobody describes":        {"good practices", csvFile, "    - description: Builds the image that", "    - notes: Builds the image that"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "bundle")
			require.NoError(t, os.CopyFS(folder, os.DirFS(current)))
			path := filepath.Join(folder, test.file)
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(text), test.old)
			require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), test.old, test.new)), 0o600))
			suite := suites()[test.suite]
			errs, warnings := validate(t, folder, suite.validators, suite.options)
			assert.NotEmpty(t, append(errs, warnings...))
		})
	}
}
