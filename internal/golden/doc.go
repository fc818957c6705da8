// Package golden compares an executed notebook with a golden one: the same notebook, executed before, whose outputs are
// known to be right. It reads two notebooks and a configuration and returns what differs; it decides no verdict.
package golden
