package source

import (
	// The operator's image has no certificate authorities of its own; these are used where the system has none.
	_ "golang.org/x/crypto/x509roots/fallback"
)
