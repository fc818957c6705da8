// Package buildsystems finds out which build systems a cluster offers, at the start and whenever a CRD or an APIService
// comes or goes, and keeps the watches on their objects. A cluster that has none of them, or loses one, disturbs nobody:
// no watch is begun on an API that discovery does not show, and one that has gone is ended.
package buildsystems
