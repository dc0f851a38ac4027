package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"decc/compiler/model"
	"decc/ir/chip"
	"decc/ir/diag"
	"decc/ir/sem"
)

// topic is one thing that `decc explain` knows.
type topic struct {
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Meaning string `json:"meaning"`
	// Details are further lines, "label: text" each.
	Details []string `json:"details,omitempty"`
}

// topicTable lists the sources of topics in the order in which a plain `decc
// explain` prints them.
var topicTable = []func() []topic{codeTopics, keyTopics, limitTopics, opTopics}

func newExplainCmd(env *Env) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "explain [CODE|KEY|LIMIT|OPERATION]",
		Short: "Explain an error code, a key of a model, a chip limit or a program operation",
		Long: `Explain says in a few lines what a word of decc's means: the code in the brackets of a
diagnostic (weights/npy), a key of a model file (layers[].dense), a limit of a chip
(in_axons) or an operation of a neuron program (shrz). Without an argument it lists
them all.`,
		Example:           "  decc explain\n  decc explain image/checksum\n  decc explain neuron.alpha",
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeTopics,
		RunE: func(_ *cobra.Command, args []string) error {
			found, err := findTopics(args)
			if err != nil {
				return err
			}
			return env.WriteResult(toStdout, func(w io.Writer) error {
				return writeTopics(w, found, len(args) > 0, asJSON)
			})
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func allTopics() []topic {
	var all []topic
	for _, source := range topicTable {
		all = append(all, source()...)
	}
	return all
}

func topicNames() []string {
	var names []string
	for _, t := range allTopics() {
		names = append(names, t.Name)
	}
	return names
}

func completeTopics(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return topicNames(), cobra.ShellCompDirectiveNoFileComp
}

// findTopics gives the topics of a name, all if there is none. A key of a model may
// leave its [] out or have an index in them.
func findTopics(args []string) ([]topic, error) {
	all := allTopics()
	if len(args) == 0 {
		return all, nil
	}
	name := args[0]
	var found []topic
	for _, t := range all {
		if t.Name == name {
			found = append(found, t)
		}
	}
	if keys, err := model.Explain(name); err == nil && len(found) == 0 {
		found = describeKeys(keys)
	}
	if len(found) > 0 {
		return found, nil
	}
	d := diag.Errorf(diag.Pos{}, codeTopic, "nothing is known of %q", name).WithFix("`decc explain` lists all names")
	if near, ok := diag.Nearest(name, topicNames()); ok {
		d.WithFix("did you mean %s?", near)
	}
	return nil, d
}

func writeTopics(w io.Writer, topics []topic, detailed, asJSON bool) error {
	if asJSON {
		return writeJSON(w, topics)
	}
	if !detailed {
		return writeTopicList(w, topics)
	}
	for _, t := range topics {
		fmt.Fprintf(w, "%s (%s)\n   %s\n", t.Name, t.Kind, t.Meaning)
		for _, line := range t.Details {
			fmt.Fprintf(w, "   %s\n", line)
		}
	}
	return nil
}

// writeTopicList prints one line a topic.
func writeTopicList(w io.Writer, topics []topic) error {
	t := newTable("name", "kind", "meaning")
	for _, topic := range topics {
		meaning, _, _ := strings.Cut(topic.Meaning, "\n")
		t.AppendRow([]any{topic.Name, topic.Kind, shorten(meaning, 100)})
	}
	return writeTable(w, t)
}

// shorten cuts a text to n letters.
func shorten(text string, n int) string {
	letters := []rune(text)
	if len(letters) <= n {
		return text
	}
	return string(letters[:n-1]) + "…"
}

func codeTopics() []topic {
	var topics []topic
	for _, c := range allCodes() {
		topics = append(topics, topic{
			Kind: "diagnostic", Name: c.Code, Meaning: c.Meaning,
			Details: []string{"example: " + c.Example, "fix: " + c.Fix},
		})
	}
	return topics
}

func keyTopics() []topic { return describeKeys(model.Keys()) }

func describeKeys(keys []model.KeyDoc) []topic {
	var topics []topic
	for _, k := range keys {
		t := topic{Kind: "key of a " + k.Flavour + " model", Name: k.Path, Meaning: k.Meaning}
		if k.Type != "" {
			t.Details = append(t.Details, "takes: "+k.Type)
		}
		if k.Default != "" {
			t.Details = append(t.Details, "default: "+k.Default)
		}
		topics = append(topics, t)
	}
	return topics
}

// limitTopics joins the rows of a limit in all embedded profiles.
func limitTopics() []topic {
	var topics []topic
	at := map[string]int{}
	for _, name := range chip.Names() {
		spec, err := chip.Builtin(name)
		if err != nil {
			panic(err) // an embedded profile
		}
		for _, l := range spec.Limits() {
			i, known := at[l.Name]
			if !known {
				i = len(topics)
				at[l.Name] = i
				topics = append(topics, topic{Kind: "chip limit", Name: l.Name, Meaning: "A limit of a chip. Unit: " + l.Unit + "."})
			}
			topics[i].Details = append(topics[i].Details, limitLine(name, l))
		}
	}
	return topics
}

func limitLine(chipName string, l chip.Limit) string {
	line := fmt.Sprintf("%s: %d (%s)", chipName, l.Value, l.Source)
	if l.Note != "" {
		line += "; " + l.Note
	}
	return line
}

func opTopics() []topic {
	var topics []topic
	for _, op := range sem.Ops {
		topics = append(topics, topic{
			Kind: "operation of a neuron program", Name: op.Name, Meaning: op.Doc,
			Details: []string{fmt.Sprintf("takes: %d values and %d constants; cost %d", op.Arity, op.Ks, op.Cost)},
		})
	}
	return topics
}
