package reportcmd

import (
	"fmt"
	"os"
	"path"
)

// keep writes files into a folder of the volume of artifacts. No link in the
// volume, which others may write to as well, leads out of it.
func keep(dir, folder string, files map[string][]byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("open the volume of artifacts: %w", err)
	}
	defer func() { _ = root.Close() }()
	if err := root.MkdirAll(folder, 0o775); err != nil {
		return fmt.Errorf("make the folder %s in the volume of artifacts: %w", folder, err)
	}
	for name, data := range files {
		if err := root.WriteFile(path.Join(folder, name), data, 0o664); err != nil {
			return fmt.Errorf("write %s to the volume of artifacts: %w", name, err)
		}
	}
	return nil
}
