package html

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

func TestHarmlessKeepsWhatShowsAndDropsWhatActs(t *testing.T) {
	picture := "data:image/png;base64," + plot(t, 4, 4)
	cases := map[string]struct {
		source, want string
		dropped      bool
	}{
		"a table":               {`<table border="1"><tr><td colspan="2">1 &lt; 2</td></tr></table>`, `<table border="1"><tr><td colspan="2">1 &lt; 2</td></tr></table>`, false},
		"a script":              {`a<script>b</script>c`, `ac`, true},
		"a script in capitals":  {`a<SCRIPT SRC=x>b</SCRIPT >c`, `ac`, true},
		"nested frames":         {`a<svg><svg>b</svg>c</svg>d`, `ad`, true},
		"what never ends":       {`a<iframe>b`, `a`, true},
		"actions":               {`<p onclick="x()" class="y">z</p>`, `<p class="y">z</p>`, false},
		"links stay text":       {`<a href="https://example.com">z</a>`, `<a>z</a>`, false},
		"unknown elements":      {`<blink>z</blink><x-y>w</x-y>`, `zw`, false},
		"forms":                 {`<form action="x"><input name="y"><button>z</button></form>`, `z`, false},
		"a checkbox":            {`<input type="CheckBox" name="n" id="i">`, `<input type="CheckBox" id="i">`, false},
		"comments":              {`a<!-- b -->c<!doctype html>`, `ac`, false},
		"a picture":             {`<img src="` + picture + `" alt="x">`, `<img src="` + picture + `" alt="x">`, false},
		"a picture elsewhere":   {`<img src="https://example.com/x.png" srcset="y">`, `<img>`, false},
		"a picture that is not": {`<img src="data:image/png;base64,aGVsbG8=">`, `<img>`, false},
		"a vector picture":      {`<img src="data:image/svg+xml;base64,PHN2Zz4=">`, `<img>`, false},
		"styles":                {`<style>a > b { color: red }</style>`, `<style>a > b { color: red }</style>`, false},
		"styles that break out": {`<style>a<b{}</style><style>c</style>`, `<style>ab{}</style><style>c</style>`, false},
		"styles that load":      {`<style>@IMPORT "x"</style><p style="background: URL(x)">y</p><p style="background:u\72l(x)">z</p>`, `<style></style><p>y</p><p>z</p>`, false},
		"a whole document":      {`<html><head><title>x</title><style>p{}</style></head><body>y</body></html>`, `<style>p{}</style>y`, false},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			got, dropped := harmless(test.source)
			assert.Equal(t, test.want, got)
			assert.Equal(t, test.dropped, dropped)
		})
	}
}

// active is what no harmless HTML holds outside of quotes.
var active = regexp.MustCompile(`(?i)<\s*/?\s*(script|iframe|svg|math|object|embed|link|meta|base|form|button)\b`)

func FuzzHarmless(f *testing.F) {
	for _, payload := range everyPayload("http://127.0.0.1:1") {
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, source string) {
		once, _ := harmless(source)
		assert.NotRegexp(t, active, once)
		twice, _ := harmless(once)
		again, _ := harmless(twice)
		assert.Equal(t, twice, again)
		frameOf(source)
	})
}

func TestTextOfATable(t *testing.T) {
	assert.Equal(t, "region\trevenue\n0\tnorth\t1204.50\n1\tsouth\t987.25\n2 rows × 2 columns", textOf(table))
	assert.Equal(t, "a\nb", textOf("<style>x</style><p>a<script>y</script><br>b</p>"))
}

func TestFramesAreForWhatCanBeSeen(t *testing.T) {
	shown, dropped := frameOf(table)
	require.NotNil(t, shown)
	assert.False(t, dropped)
	assert.Contains(t, shown.Document, "1204.50")
	assert.Greater(t, shown.Height, 90)
	for _, empty := range []string{`<div id="x"></div><script>draw()</script>`, `<style>a{}</style>`, `  `, `<svg></svg>`} {
		shown, _ := frameOf(empty)
		assert.Nil(t, shown, empty)
	}
	tall, _ := frameOf(strings.Repeat("<tr><td>x</td></tr>", 1000))
	assert.Equal(t, 420, tall.Height)
}

func TestOnlyImagesAreShownAsImages(t *testing.T) {
	real, svg := plot(t, 4, 4), `<?xml version="1.0"?><!-- x --><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"></svg>`
	encoded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	cases := map[string]struct{ mime, text, want string }{
		"png":                      {"image/png", real, "image/png"},
		"png in lines":             {"image/png", real[:10] + "\n" + real[10:] + "\n", "image/png"},
		"jpeg":                     {"image/jpeg", encoded("\xff\xd8\xff\xe0"), "image/jpeg"},
		"gif":                      {"image/gif", encoded("GIF89a"), "image/gif"},
		"svg":                      {"image/svg+xml", svg, "image/svg+xml"},
		"text that says png":       {"image/png", encoded("<script>"), ""},
		"no base64":                {"image/png", "\"><script>", ""},
		"html that says svg":       {"image/svg+xml", "<html><svg></svg></html>", ""},
		"a type that is not shown": {"image/bmp", encoded("BM"), ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			mime, address := image(bundle(t, map[string]string{test.mime: test.text}))
			assert.Equal(t, test.want, mime)
			if test.want != "" {
				assert.Regexp(t, `^data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+$`, string(address))
			}
		})
	}
	mime, _ := image(nbformat.Bundle{"image/png": raw(t, "broken"), "image/jpeg": raw(t, encoded("\xff\xd8\xff"))})
	assert.Equal(t, "image/jpeg", mime, "the next one")
}
