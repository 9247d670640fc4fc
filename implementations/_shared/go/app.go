package entry

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// App is what all requests share, read once at start.
type App struct {
	Files    Catalogue
	Database *Database // nil when none is offered
}

// Load reads the files and opens the database that the settings name, and gives the process as many
// threads as it has workers. Connections to the database end with the process: closing them politely
// could wait for one that hangs.
func Load(settings Settings) (*App, error) {
	runtime.GOMAXPROCS(settings.Workers)
	files, err := LoadCatalogue(settings.StaticDir)
	if err != nil {
		return nil, err
	}
	app := &App{Files: files}
	if settings.DatabaseURL != "" {
		app.Database, err = OpenDatabase(settings.DatabaseURL, settings.DatabasePool)
	}
	return app, err
}

// Versions tells what the program is made of, in one line: the modules of these paths as they are
// linked in, and the version of Go, which is that of its standard library.
func Versions(names ...string) string {
	told := []string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, name := range names {
			for _, module := range info.Deps {
				if module.Path == name || strings.HasPrefix(module.Path, name+"/v") {
					told = append(told, name[strings.LastIndexByte(name, '/')+1:]+" "+module.Version)
				}
			}
		}
	}
	return strings.Join(append(told, "net/http "+runtime.Version()), ", ")
}
