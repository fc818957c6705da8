// Package schema describes report.json to machines: it makes a JSON schema of the Go types and of the comments on them,
// so that the published schema cannot say anything else than the code.
package schema
