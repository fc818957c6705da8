package checks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/blang/semver/v4"
	"github.com/operator-framework/api/pkg/apis/scorecard/v1alpha3"
)

// What annotations.yaml, the labels of the bundle's image and, where it repeats them, the CSV say.
const (
	bundleKeys     = "operators.operatorframework.io."
	keyPackage     = bundleKeys + "bundle.package.v1"
	keyChannels    = bundleKeys + "bundle.channels.v1"
	keyDefault     = bundleKeys + "bundle.channel.default.v1"
	keyManifests   = bundleKeys + "bundle.manifests.v1"
	keyMetadata    = bundleKeys + "bundle.metadata.v1"
	keyMediaType   = bundleKeys + "bundle.mediatype.v1"
	keySkipRange   = "olm.skipRange"
	bundleFormat   = "registry+v1"
	versionedNames = ".v"
)

// Channels checks that package, channels and versions agree wherever they are written, and that the version leads upwards.
func Channels(b *Bundle) v1alpha3.TestResult {
	problems := slices.Concat(annotationProblems(b.Annotations), agreementProblems(b), graphProblems(b))
	return verdict(NameChannels, problems,
		"Make the bundle anew; annotations.yaml, bundle.Dockerfile and the CSV come from the same version and channels.")
}

func annotationProblems(annotations map[string]string) []string {
	var problems []string
	for _, expected := range []struct{ key, value string }{
		{keyMediaType, bundleFormat}, {keyManifests, manifestsDir + "/"}, {keyMetadata, metadataDir + "/"},
	} {
		if is := annotations[expected.key]; is != expected.value {
			problems = append(problems, fmt.Sprintf("%s is %q instead of %q", expected.key, is, expected.value))
		}
	}
	if annotations[keyPackage] == "" {
		problems = append(problems, keyPackage+" does not name the package")
	}
	channels := strings.Split(annotations[keyChannels], ",")
	for i, channel := range channels {
		if channel == "" || strings.TrimSpace(channel) != channel {
			problems = append(problems, fmt.Sprintf("%s is %q, which is not a list of names with commas between them", keyChannels, annotations[keyChannels]))
			break
		}
		if slices.Contains(channels[:i], channel) {
			problems = append(problems, fmt.Sprintf("%s names %s twice", keyChannels, channel))
		}
	}
	if is := annotations[keyDefault]; !slices.Contains(channels, is) || is == "" {
		problems = append(problems, fmt.Sprintf("%s is %q, which is none of the channels", keyDefault, is))
	}
	return problems
}

// agreementProblems compares what is written in several places.
func agreementProblems(b *Bundle) []string {
	var problems []string
	for _, key := range slices.Sorted(maps.Keys(b.CSV.Annotations)) {
		if value := b.CSV.Annotations[key]; strings.HasPrefix(key, bundleKeys) && strings.Contains(key, ".bundle.") && value != b.Annotations[key] {
			problems = append(problems, fmt.Sprintf("%s is %q in annotations.yaml and %q in the CSV", key, b.Annotations[key], value))
		}
	}
	if b.Labels == nil {
		return problems
	}
	keys := map[string]bool{}
	for _, source := range []map[string]string{b.Annotations, b.Labels} {
		for key := range source {
			keys[key] = keys[key] || strings.HasPrefix(key, bundleKeys)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if keys[key] && b.Annotations[key] != b.Labels[key] {
			problems = append(problems, fmt.Sprintf("%s is %q in annotations.yaml and %q in %s", key, b.Annotations[key], b.Labels[key], dockerfileName))
		}
	}
	return problems
}

// graphProblems holds the names of versions against the package and the version of the CSV.
func graphProblems(b *Bundle) []string {
	name, version := b.Annotations[keyPackage], b.CSV.Spec.Version.Version
	var problems []string
	if version.Equals(semver.Version{}) {
		problems = append(problems, "the CSV has no version")
	}
	if expected := name + versionedNames + version.String(); b.CSV.Name != expected {
		problems = append(problems, fmt.Sprintf("the CSV is named %q instead of %q, after its package and version", b.CSV.Name, expected))
	}
	if b.CSV.Spec.Replaces != "" {
		problems = append(problems, olderProblems("replaces", b.CSV.Spec.Replaces, name, version)...)
	}
	for i, skipped := range b.CSV.Spec.Skips {
		problems = append(problems, olderProblems("skips", skipped, name, version)...)
		if slices.Contains(b.CSV.Spec.Skips[:i], skipped) {
			problems = append(problems, fmt.Sprintf("skips names %s twice", skipped))
		}
	}
	if text := b.CSV.Annotations[keySkipRange]; text != "" {
		skips, err := semver.ParseRange(text)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s %q is not a range of versions", keySkipRange, text))
		} else if skips(version) {
			problems = append(problems, fmt.Sprintf("%s %q has the version itself in it", keySkipRange, text))
		}
	}
	return problems
}

// olderProblems holds that a name is that of an older version of the package.
func olderProblems(field, name, of string, than semver.Version) []string {
	text, found := strings.CutPrefix(name, of+versionedNames)
	version, err := semver.Parse(text)
	switch {
	case !found || err != nil:
		return []string{fmt.Sprintf("%s names %q, which is not a version of the package %q", field, name, of)}
	case version.EQ(than):
		return []string{fmt.Sprintf("%s names %s, which is the version itself", field, name)}
	case version.GT(than):
		return []string{fmt.Sprintf("%s names %s, which is newer", field, name)}
	}
	return nil
}
