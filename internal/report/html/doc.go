// Package html writes report.html: one file that shows a run and what its validation found, and that can be opened
// anywhere, kept, and sent around. What a notebook printed is a stranger's text. Three walls stand between it and the
// reader's browser, each of which holds by itself: everything is escaped, HTML of the notebook is reduced to harmless
// elements and shown in a sandboxed frame only, and the page's Content-Security-Policy allows no script, no request and
// no form. There is no script in the page at all.
package html
