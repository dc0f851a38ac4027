package hdf5

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestFixtures reads every file that testdata/make.py wrote and compares all that is in it
// with what h5py reads.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*_*.h5"))
	if err != nil || len(files) < 12 {
		t.Fatalf("%d fixtures, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			_, part, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".h5"), "_")
			wants := readWants(t, filepath.Join("testdata", part+".json"))
			f := opened(t, path)
			seen := 0
			err := f.Walk(func(o Object) error {
				seen++
				return compareObject(t, f, o, wants)
			})
			if err != nil {
				t.Error(err)
			}
			if seen != len(wants) {
				t.Errorf("%d objects, and h5py finds %d", seen, len(wants))
			}
		})
	}
}

func compareObject(t *testing.T, f *File, o Object, wants map[string]want) error {
	w, ok := wants[o.Name()]
	if !ok {
		t.Errorf("h5py finds no %s", o.Name())
		return nil
	}
	if again, err := f.Root().Lookup(o.Name()); err != nil || again.Name() != o.Name() {
		t.Errorf("%s is not found by its name: %v", o.Name(), err)
	}
	attributes, err := o.Attributes()
	if err != nil {
		return err
	}
	if len(attributes) != len(w.Attributes) {
		t.Errorf("%s has %d attributes, expected %d", o.Name(), len(attributes), len(w.Attributes))
	}
	for _, a := range attributes {
		expected := w.Attributes[a.Name()]
		compareValues(t, o.Name()+"@"+a.Name(), a.Values, &expected)
	}
	switch o := o.(type) {
	case *Group:
		names, err := o.Names()
		if !slices.Equal(names, w.Names) {
			t.Errorf("%s has the members %q, expected %q", o.Name(), names, w.Names)
		}
		return err
	case *Dataset:
		compareValues(t, o.Name(), o.Values, &w)
	}
	return nil
}

func compareValues(t *testing.T, name string, v *Values, w *want) {
	t.Helper()
	if v.Kind().String() != w.Kind || !slices.Equal(v.Shape(), w.Shape) {
		t.Errorf("%s is %v %v, expected %s %v", name, v.Kind(), v.Shape(), w.Kind, w.Shape)
	}
	expected := w.elements(t)
	whole, err := printed(v, 0, v.Rows())
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for i, x := range expected {
		if i < len(whole) && !equalValue(v.Kind(), whole[i], x) {
			t.Errorf("%s: element %d is %s, expected %s", name, i, whole[i], x)
			break
		}
	}
	if len(whole) != len(expected) || len(whole) != v.Len() {
		t.Errorf("%s has %d elements, expected %d", name, len(whole), len(expected))
	}
	var parts []string
	for first := 0; first < v.Rows(); first += 3 {
		part, err := printed(v, first, min(3, v.Rows()-first))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part...)
	}
	if !slices.Equal(parts, whole) {
		t.Errorf("%s: by ranges of three rows %v, whole %v", name, parts, whole)
	}
}

// printed reads rows as text.
func printed(v *Values, first, count int) ([]string, error) {
	switch v.Kind() {
	case String:
		return v.StringsAt(first, count)
	case Float:
		all, err := v.FloatsAt(first, count)
		return texts(all), err
	}
	all, err := v.IntsAt(first, count)
	return texts(all), err
}

func texts[T any](all []T) []string {
	text := make([]string, len(all))
	for i, x := range all {
		text[i] = fmt.Sprint(x)
	}
	return text
}

func equalValue(k Kind, got, want string) bool {
	switch k {
	case Float:
		a, errA := strconv.ParseFloat(got, 64)
		b, errB := strconv.ParseFloat(want, 64)
		return errA == nil && errB == nil && (a == b || a != a && b != b)
	case Bool:
		return got == map[string]string{"true": "1", "false": "0"}[want]
	}
	return got == want
}
