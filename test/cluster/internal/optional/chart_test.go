package optional

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/cluster/clusterenv"
)

const gongChart = `gong: {image: {ref: elsewhere.example.com/gong, pullPolicy: Always}, selector: {kubernetes.io/os: linux, gong: loud}}
quiet: false
`

const gongTemplate = `kind: Deployment
metadata: {name: gong}
spec:
  image: {{ .Values.gong.image.ref }}
  pull: {{ .Values.gong.image.pullPolicy }}
  {{- if .Values.absent }}
  absent: {{ .Values.absent }}
  {{- end }}
  {{- if .Values.gong.selector }}
  selector:
{{ toYaml .Values.gong.selector | indent 4 }}
  {{- end }}
`

// gong is a system whose manifests are templates.
var gong = System{
	Name: "gong", Chart: "chart", Folders: []string{"chart/templates"},
	Values: func(_ *clusterenv.Env, images map[string]string) map[string]any {
		return map[string]any{"gong": map[string]any{"image": map[string]any{"ref": images["gong"]}}}
	},
}

func TestTemplatesAreFilledWithTheChartsValuesAndTheClustersImages(t *testing.T) {
	dir := module(t, map[string]string{"chart/values.yaml": gongChart, "chart/templates/gong.yaml": gongTemplate})
	values, err := gong.values(dir, &clusterenv.Env{}, map[string]string{"gong": registry + "gong"})
	require.NoError(t, err)

	all, err := gong.read(dir, values)

	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Equal(t, map[string]any{
		"image": registry + "gong", "pull": "Always", "selector": map[string]any{"gong": "loud", "kubernetes.io/os": "linux"},
	}, all[0].Object["spec"])
}

func TestATemplateThatWantsMoreThanThereIsIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ template, complaint string }{
		"a value that nobody has given":    {"kind: {{ .Values.absent }}", "a value that nobody has given"},
		"a value below one that is absent": {"kind: {{ .Values.absent.kind }}", "a value that nobody has given"},
		"a function of another kind":       {`kind: {{ include "gong.kind" . }}`, `function "include" not defined`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gong.read(module(t, map[string]string{"chart/templates/gong.yaml": test.template}), map[string]any{})

			require.ErrorContains(t, err, test.complaint)
			assert.ErrorContains(t, err, "gong.yaml")
		})
	}
}
