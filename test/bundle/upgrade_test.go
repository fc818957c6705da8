package bundle

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/crdify/pkg/config"
	"sigs.k8s.io/crdify/pkg/runner"
)

const jobs = "notebookvalidationjobs.mlops.mlops.dev"

// incompatible says what of the new definition would refuse, drop or change objects of the old one; empty where nothing
// would. A change that the comparison cannot judge, of a pattern or a CEL rule for example, counts as one that would.
func incompatible(t *testing.T, before, after *apiextensionsv1.CustomResourceDefinition) string {
	t.Helper()
	compare, err := runner.New(&config.Config{
		UnhandledEnforcement: config.EnforcementPolicyError,
		Validations: []config.ValidationConfig{
			{Name: "enum", Enforcement: config.EnforcementPolicyError, Configuration: map[string]any{"additionPolicy": "Allow"}},
			{Name: "description", Enforcement: config.EnforcementPolicyNone},
		},
	}, runner.DefaultRegistry())
	require.NoError(t, err)
	before = before.DeepCopy()
	for _, version := range before.Spec.Versions {
		if version.Storage {
			before.Status.StoredVersions = append(before.Status.StoredVersions, version.Name)
		}
	}
	results := compare.Run(before, after)
	if !results.HasFailures() {
		return ""
	}
	return results.RenderPlainText()
}

func TestTheCurrentVersionAcceptsWhatEarlierOnesAccepted(t *testing.T) {
	after := loadCRDs(t, current)
	for _, folder := range frozen(t) {
		for name, before := range loadCRDs(t, folder) {
			t.Run(filepath.Base(folder)+" "+name, func(t *testing.T) {
				require.Contains(t, after, name, "the definition is gone, and every object with it")
				assert.Empty(t, incompatible(t, before, after[name]))
			})
		}
	}
}

// spec finds the schema of a field below spec.
func spec(crd *apiextensionsv1.CustomResourceDefinition, edit func(spec *apiextensionsv1.JSONSchemaProps)) {
	root := crd.Spec.Versions[0].Schema.OpenAPIV3Schema
	field := root.Properties["spec"]
	edit(&field)
	root.Properties["spec"] = field
}

func edited(name string, edit func(field *apiextensionsv1.JSONSchemaProps)) func(*apiextensionsv1.CustomResourceDefinition) {
	return func(crd *apiextensionsv1.CustomResourceDefinition) {
		spec(crd, func(spec *apiextensionsv1.JSONSchemaProps) {
			field := spec.Properties[name]
			edit(&field)
			spec.Properties[name] = field
		})
	}
}

func TestEveryKindOfBreakIsFound(t *testing.T) {
	type props = apiextensionsv1.JSONSchemaProps
	breaks := map[string]func(*apiextensionsv1.CustomResourceDefinition){
		"a field is removed": func(crd *apiextensionsv1.CustomResourceDefinition) {
			spec(crd, func(s *props) { delete(s.Properties, "rerun") })
		},
		"a field becomes required": func(crd *apiextensionsv1.CustomResourceDefinition) {
			spec(crd, func(s *props) { s.Required = append(s.Required, "rerun") })
		},
		"a type changes":                     edited("rerun", func(f *props) { f.Type = "integer" }),
		"a value of an enum is removed":      edited("unknownParameters", func(f *props) { f.Enum = f.Enum[:1] }),
		"an enum comes":                      edited("rerun", func(f *props) { f.Enum = []apiextensionsv1.JSON{{Raw: []byte(`"a"`)}} }),
		"a bound is tightened":               edited("rerun", func(f *props) { f.MaxLength = ptr.To(int64(10)) }),
		"a bound comes":                      edited("rerun", func(f *props) { f.MinLength = ptr.To(int64(1)) }),
		"fewer properties may be there":      edited("parameters", func(f *props) { f.MaxProperties = ptr.To(int64(1)) }),
		"a pattern comes":                    edited("rerun", func(f *props) { f.Pattern = "^a$" }),
		"a pattern changes":                  edited("timeout", func(f *props) { f.Pattern = "^[0-9]+s$" }),
		"a CEL rule comes":                   edited("rerun", func(f *props) { f.XValidations = apiextensionsv1.ValidationRules{{Rule: "self != ''"}} }),
		"a CEL rule changes":                 edited("timeout", func(f *props) { f.XValidations[0].Rule = "duration(self) > duration('1h')" }),
		"a default changes":                  edited("unknownParameters", func(f *props) { f.Default = &apiextensionsv1.JSON{Raw: []byte(`"warn"`)} }),
		"unknown fields are no longer kept":  edited("parameters", func(f *props) { f.AdditionalProperties = nil }),
		"the scope changes":                  func(crd *apiextensionsv1.CustomResourceDefinition) { crd.Spec.Scope = apiextensionsv1.ClusterScoped },
		"a version that is stored goes away": func(crd *apiextensionsv1.CustomResourceDefinition) { crd.Spec.Versions[0].Name = "v1beta1" },
	}
	before := loadCRDs(t, current)[jobs]
	for name, breakIt := range breaks {
		t.Run(name, func(t *testing.T) {
			after := before.DeepCopy()
			breakIt(after)
			assert.NotEmpty(t, incompatible(t, before, after))
		})
	}
}

func TestAdditionsAreNoBreaks(t *testing.T) {
	type props = apiextensionsv1.JSONSchemaProps
	additions := map[string]func(*apiextensionsv1.CustomResourceDefinition){
		"nothing changes": func(*apiextensionsv1.CustomResourceDefinition) {},
		"an optional field": func(crd *apiextensionsv1.CustomResourceDefinition) {
			spec(crd, func(s *props) { s.Properties["colour"] = props{Type: "string", Pattern: "^red$"} })
		},
		"a value of an enum":   edited("unknownParameters", func(f *props) { f.Enum = append(f.Enum, apiextensionsv1.JSON{Raw: []byte(`"ignore"`)}) }),
		"a wider bound":        edited("rerun", func(f *props) { f.MaxLength = ptr.To(int64(1000)) }),
		"a better description": edited("rerun", func(f *props) { f.Description = "better" }),
	}
	before := loadCRDs(t, current)[jobs]
	for name, add := range additions {
		t.Run(name, func(t *testing.T) {
			after := before.DeepCopy()
			add(after)
			assert.Empty(t, incompatible(t, before, after))
		})
	}
}
