package html

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"regexp"
	"strings"

	"mlops.dev/notebook-validator-operator/internal/nbformat"
)

// imageTypes are those that are shown, the sharpest first.
var imageTypes = []string{"image/svg+xml", "image/png", "image/jpeg", "image/gif"}

// magic is how files of a type begin; an image that is none is not shown as one.
var magic = map[string][]string{
	"image/png":  {"\x89PNG\r\n\x1a\n"},
	"image/jpeg": {"\xff\xd8\xff"},
	"image/gif":  {"GIF87a", "GIF89a"},
}

// startOfSVG allows for what may stand before the root element.
var startOfSVG = regexp.MustCompile(`(?is)^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE[^>\[]*>\s*)*<svg[\s>]`)

// image returns the first form of a value that is an image, as the address of an img element. Scripts of an SVG do not
// run there, and what it refers to is not loaded.
func image(data nbformat.Bundle) (mime string, address template.URL) {
	for _, mime := range imageTypes {
		if !data.Has(mime) {
			continue
		}
		if content := imageBytes(mime, data.Text(mime)); content != nil {
			return mime, template.URL("data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(content))
		}
	}
	return "", ""
}

// imageBytes returns nil for what is no image of the type.
func imageBytes(mime, text string) []byte {
	if mime == "image/svg+xml" {
		text = strings.ToValidUTF8(strings.TrimPrefix(text, "\ufeff"), "\uFFFD")
		if !startOfSVG.MatchString(text) {
			return nil
		}
		return []byte(text)
	}
	content, err := base64.StdEncoding.DecodeString(strings.TrimRight(strings.Join(strings.Fields(text), ""), "\x00"))
	if err != nil {
		return nil
	}
	for _, start := range magic[mime] {
		if bytes.HasPrefix(content, []byte(start)) {
			return content
		}
	}
	return nil
}
