package main

import (
	"fmt"
	"io"

	"decc/ir"
	"decc/ir/rule"
	"decc/ir/sem"
)

// ruleDescription is a rule as `decc inspect --rules --json` prints it.
type ruleDescription struct {
	Name   string   `json:"name"`
	Doc    string   `json:"doc"`
	Source string   `json:"source"`
	Text   string   `json:"text"`
	Words  []string `json:"in_words"`
}

// inspectRules prints the named rules of the library, all if none is named.
func inspectRules(env *Env, o inspectOptions, names []string) error {
	if len(names) == 0 {
		names = rule.Names()
	}
	var list []ruleDescription
	for _, name := range names {
		r, err := rule.Builtin(name)
		if err != nil {
			return err
		}
		list = append(list, describeRule(&r))
	}
	return env.WriteResult(toStdout, func(w io.Writer) error {
		if o.asJSON {
			return writeJSON(w, list)
		}
		for i, d := range list {
			if i > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "// %s\n// %s\n%s\n", d.Doc, d.Source, d.Text)
			for _, line := range d.Words {
				fmt.Fprintf(w, "// %s\n", line)
			}
		}
		return nil
	})
}

func describeRule(r *sem.Rule) ruleDescription {
	d := ruleDescription{Name: r.Name, Text: ir.RuleText(r), Words: rule.Explain(r)}
	for _, e := range rule.Library {
		if e.Name == r.Name {
			d.Doc, d.Source = e.Doc, e.Source
		}
	}
	return d
}
