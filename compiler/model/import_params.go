package model

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"decc/ir/diag"
)

// paramRule says what becomes of a key of the public code's parameter file. take
// puts the value into the plan and says it in words; a nil take leaves it out.
type paramRule struct {
	to   string // key of the model
	take func(im *importer, v paramValue) string
	why  string
}

// Reasons that several keys share.
const (
	whyShapes     = "the shapes of the checkpoint tell it"
	whyScript     = "the training script of the public code ignores it: it always uses SmoothL1, AdaMax and fixed time constants"
	whyEpochs     = "it counts epochs; decc counts digits: write train.schedule and train.digits"
	whyRun        = "it is about the run, not the network"
	whyTriggered  = "it belongs to error-triggered learning, which a float model does not have"
	whyCheckpoint = "held against the checkpoint"
)

// paramRules are the keys of the parameter files of the public code (reference/decolle.md, section 3).
var paramRules = map[string]paramRule{
	"Nhid":              {"layers", func(im *importer, v paramValue) string { return v.counts(im, &im.params.conv) }, whyCheckpoint},
	"Mhid":              {"layers", func(im *importer, v paramValue) string { return v.counts(im, &im.params.dense) }, whyCheckpoint},
	"alpha":             {"neuron.alpha", func(im *importer, v paramValue) string { return v.same(im, &im.params.alpha) }, ""},
	"beta":              {"neuron.beta", func(im *importer, v paramValue) string { return v.same(im, &im.params.beta) }, ""},
	"alpharp":           {"neuron.alpharp", func(im *importer, v paramValue) string { return v.same(im, &im.plan.alpharp) }, ""},
	"wrp":               {"neuron.wrp", func(im *importer, v paramValue) string { return v.same(im, &im.plan.wrp) }, ""},
	"lc_ampl":           {"readout.lc_ampl", func(im *importer, v paramValue) string { return v.same(im, &im.plan.lcAmpl) }, ""},
	"learning_rate":     {"train.optimiser.lr", func(im *importer, v paramValue) string { return v.same(im, &im.plan.lr) }, ""},
	"dropout":           {"train.dropout", func(im *importer, v paramValue) string { return v.same(im, &im.plan.dropout) }, ""},
	"batch_size":        {"train.batch", func(im *importer, v paramValue) string { return v.count(im, &im.plan.batch) }, ""},
	"burnin_steps":      {"data.burn_in", func(im *importer, v paramValue) string { return v.count(im, &im.plan.burnIn) }, ""},
	"chunk_size_test":   {"data.steps", func(im *importer, v paramValue) string { return v.count(im, &im.plan.steps) }, ""},
	"chunk_size_train":  {"train.steps", func(im *importer, v paramValue) string { return v.count(im, &im.plan.trainSteps) }, ""},
	"kernel_size":       {"layers", func(im *importer, v paramValue) string { return v.counts(im, &im.params.kernels) }, whyCheckpoint},
	"stride":            {"layers", func(im *importer, v paramValue) string { return v.counts(im, &im.params.strides) }, ""},
	"pool_size":         {"layers", func(im *importer, v paramValue) string { return v.counts(im, &im.params.pools) }, ""},
	"input_shape":       {"input.shape", takeInputShape, ""},
	"betas":             {"train.optimiser", takeBetas, "beta1 and beta2"},
	"reg_l":             {"layers[].regulariser", takeRegulariser, ""},
	"deltat":            {"dt", takeDeltaT, "microseconds"},
	"dataset":           {"data.set", takeDataset, "by its name"},
	"online_update":     {"train.update", takeUpdate, ""},
	"out_channels":      {"readout.classes", func(im *importer, v paramValue) string { return v.count(im, &im.params.classes) }, whyCheckpoint},
	"num_layers":        {why: whyShapes},
	"num_conv_layers":   {why: whyShapes},
	"num_mlp_layers":    {why: whyShapes},
	"with_output_layer": {why: whyShapes},
	"loss":              {why: whyScript},
	"optimizer":         {why: whyScript},
	"random_tau":        {why: whyScript},
	"num_epochs":        {why: whyEpochs},
	"lr_drop_factor":    {why: whyEpochs},
	"lr_drop_interval":  {why: whyEpochs},
	"batches_per_epoch": {why: whyEpochs},
	"test_interval":     {why: whyRun},
	"num_dl_workers":    {why: whyRun},
	"learning_method":   {why: "decc trains by DECOLLE's local rule (rtrl)"},
	"loss_scope":        {why: "decc trains with local losses"},
	"act_rate":          {why: "decc's regulariser has the fixed target of the public code"},
	"init_theta":        {why: whyTriggered},
	"error_rate":        {why: whyTriggered},
}

// paramValue is a value of the parameter file.
type paramValue struct {
	key  string
	node *yaml.Node
	pos  diag.Pos
}

// readParams applies the rules to a parameter file.
func (im *importer) readParams(text []byte) {
	if text == nil {
		return
	}
	src := &source{name: im.options.Params, text: text}
	root := parseTree(src, &im.list)
	if root == nil || len(im.list) > 0 {
		return
	}
	if root.Kind != yaml.MappingNode {
		im.list.Add(src.pos(root), codeParameter, "the file is %s, expected a mapping of keys", found(root)).
			WithFix("give the parameter file that the checkpoint was trained with")
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		v := paramValue{root.Content[i].Value, root.Content[i+1], src.pos(root.Content[i+1])}
		im.params.pos[v.key] = v.pos
		im.applyParam(v)
	}
}

func (im *importer) applyParam(v paramValue) {
	rule, known := paramRules[v.key]
	if !known {
		im.report.add(Ignored, v.key, "", "", "it is no key of the public code that decc knows")
		return
	}
	if rule.take == nil {
		im.report.add(Ignored, v.key, "", "", rule.why)
		return
	}
	before := len(im.list)
	text := rule.take(im, v)
	switch {
	case len(im.list) > before:
	case text == "":
		im.report.add(Ignored, v.key, "", "", "it is empty, or decc has nothing of that name")
	default:
		im.report.add(Mapped, v.key, rule.to, text, rule.why)
	}
}

// bad reports a value that cannot be used.
func (v paramValue) bad(im *importer, want string) string {
	d := im.list.Add(v.pos, codeParameter, "%s is %s", v.key, found(v.node)).WithFix("write %s", want)
	d.Width = width(v.node)
	return ""
}

// numbers are a number, a list of them, or nothing.
func (v paramValue) numbers() (list []float64, ok bool) {
	if v.node.Tag == "!!null" {
		return nil, true
	}
	if v.node.Kind == yaml.SequenceNode {
		return list, v.node.Decode(&list) == nil
	}
	list = make([]float64, 1)
	return list, v.node.Decode(&list[0]) == nil
}

// same takes a number that is the same for all layers.
func (v paramValue) same(im *importer, to *float64) string {
	list, ok := v.numbers()
	if !ok {
		return v.bad(im, "a number, or a list with one for each layer")
	}
	if len(list) == 0 {
		return ""
	}
	for _, x := range list {
		if x != list[0] {
			return v.bad(im, "the same number for all layers: a decc model has one")
		}
	}
	*to = list[0]
	return fmt.Sprint(list[0])
}

// wholes are numbers without fraction that fit an int.
func (v paramValue) wholes() ([]int, bool) {
	list, ok := v.numbers()
	out := make([]int, len(list))
	for i, x := range list {
		out[i] = int(x)
		ok = ok && x == math.Trunc(x) && math.Abs(x) < 1<<31
	}
	return out, ok
}

func (v paramValue) counts(im *importer, to *[]int) string {
	list, ok := v.wholes()
	if !ok {
		return v.bad(im, "a list of whole numbers")
	}
	if v.node.Tag == "!!null" {
		return ""
	}
	*to = list
	return fmt.Sprint(list)
}

func (v paramValue) count(im *importer, to *int) string {
	list, ok := v.wholes()
	if !ok || len(list) != 1 {
		return v.bad(im, "a whole number")
	}
	*to = list[0]
	return fmt.Sprint(list[0])
}

func takeInputShape(im *importer, v paramValue) string {
	list, ok := v.wholes()
	if !ok || !soundShape(list) {
		return v.bad(im, "[channels, rows, columns]")
	}
	if im.options.InputShape != nil {
		return ""
	}
	im.plan.input = list
	return fmt.Sprint(list)
}

// soundShape reports whether a list is an input shape of a size that a model can have.
func soundShape(list []int) bool {
	if len(list) != 1 && len(list) != 3 || slices.Min(list) < 1 || slices.Max(list) > maxMembers {
		return false
	}
	return Input{list}.Block().sound()
}

func takeBetas(im *importer, v paramValue) string {
	list, ok := v.numbers()
	if !ok || len(list) != 2 {
		return v.bad(im, "[beta1, beta2]")
	}
	im.plan.beta1, im.plan.beta2 = list[0], list[1]
	return fmt.Sprint(list)
}

func takeRegulariser(im *importer, v paramValue) string {
	list, ok := v.numbers()
	if !ok {
		return v.bad(im, "a list with one number for each layer")
	}
	im.plan.regularisers = list
	return strings.Trim(fmt.Sprint(list), "[]")
}

func takeDeltaT(im *importer, v paramValue) string {
	var us int
	if v.count(im, &us) == "" {
		return ""
	}
	if us < 1 || us > 1e9 {
		return v.bad(im, "1 to 1000000000 microseconds")
	}
	im.plan.dt = durationText(time.Duration(us) * time.Microsecond)
	return im.plan.dt
}

// durationText writes a duration as a model does.
func durationText(d time.Duration) string {
	if d%time.Millisecond == 0 {
		return fmt.Sprintf("%dms", d/time.Millisecond)
	}
	return fmt.Sprintf("%dus", d/time.Microsecond)
}

// setNames are the data sets by what the module names of the public code hold.
var setNames = []struct{ part, set string }{
	{"nmnist", "nmnist"}, {"dvs_gesture", "dvsgesture"}, {"dvsgesture", "dvsgesture"}, {"mnist", "mnist"},
}

func takeDataset(im *importer, v paramValue) string {
	if im.options.Set != "" {
		return ""
	}
	for _, n := range setNames {
		if strings.Contains(v.node.Value, n.part) {
			im.plan.set = n.set
			return n.set
		}
	}
	return ""
}

func takeUpdate(im *importer, v paramValue) string {
	var online bool
	if v.node.Decode(&online) != nil {
		return v.bad(im, "true or false")
	}
	im.plan.update = map[bool]string{true: "online", false: "sequence"}[online]
	return im.plan.update
}

// checkParams holds what the parameter file says of the network against the checkpoint.
func (im *importer) checkParams() {
	p := &im.params
	im.checkDecay("alpha", p.alpha, im.plan.alpha)
	im.checkDecay("beta", p.beta, im.plan.beta)
	var conv, dense, kernels []int
	for _, l := range im.plan.layers {
		if l.conv != nil {
			conv, kernels = append(conv, l.out), append(kernels, l.conv.Kernel)
		} else {
			dense = append(dense, l.out)
		}
	}
	im.checkCounts("Nhid", p.conv, conv)
	im.checkCounts("Mhid", p.dense, dense)
	if len(p.kernels) == 1 {
		p.kernels = slices.Repeat(p.kernels, len(kernels))
	}
	im.checkCounts("kernel_size", p.kernels, kernels)
	if p.classes >= 0 && p.classes != im.plan.classes {
		im.contradiction("out_channels", fmt.Sprint(p.classes), fmt.Sprint(im.plan.classes))
	}
}

func (im *importer) checkDecay(key string, given, stored float64) {
	if given >= 0 && math.Abs(given-stored) > decayTolerance {
		im.contradiction(key, fmt.Sprint(given), fmt.Sprint(stored))
	}
}

// checkCounts compares lists; the public code reads no more of a list than it has
// layers, and some of its files pad with zeros.
func (im *importer) checkCounts(key string, given, stored []int) {
	if given == nil {
		return
	}
	if len(given) > len(stored) && slices.Max(given[len(stored):]) == 0 {
		given = given[:len(stored)]
	}
	if !slices.Equal(given, stored) {
		im.contradiction(key, fmt.Sprint(given), fmt.Sprint(stored))
	}
}

func (im *importer) contradiction(key, given, stored string) {
	im.list.Add(im.params.pos[key], codeParameter, "%s is %s, but the checkpoint was trained with %s", key, given, stored).
		WithFix("give the parameter file that the checkpoint was trained with")
}

// reportDefaults tells what neither the checkpoint nor the parameter file says.
func (im *importer) reportDefaults() {
	p := im.plan
	stored := func(key string) bool { return im.given(key) || im.stored[key] }
	rows := []struct {
		given      bool
		to, value  string
		whyDefault string
	}{
		{stored("alpha"), "neuron.alpha", fmt.Sprint(p.alpha), "the checkpoint stores no tau_m"},
		{stored("beta"), "neuron.beta", fmt.Sprint(p.beta), "the checkpoint stores no tau_s"},
		{im.given("alpharp"), "neuron.alpharp", fmt.Sprint(p.alpharp), "a checkpoint does not store it"},
		{im.given("wrp"), "neuron.wrp", fmt.Sprint(p.wrp), "a checkpoint does not store it; default of the public code"},
		{im.given("deltat"), "dt", p.dt, ""},
		{im.given("chunk_size_test"), "data.steps", fmt.Sprint(p.steps), ""},
		{im.given("burnin_steps"), "data.burn_in", fmt.Sprint(p.burnIn), ""},
	}
	for _, r := range rows {
		if !r.given {
			im.report.add(Defaulted, "", r.to, r.value, r.whyDefault)
		}
	}
	if p.set == "" {
		im.report.add(Defaulted, "", "data", "", "no data set is known: add a data section before decc run or validate")
	}
}

func (im *importer) given(key string) bool {
	_, ok := im.params.pos[key]
	return ok
}
