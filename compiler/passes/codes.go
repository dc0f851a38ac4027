package passes

import "decc/ir/diag"

const (
	codeProgram          = "legalise/program"
	codeOps              = "legalise/program-ops"
	codeState            = "legalise/state-bytes"
	codeWidth            = "legalise/state-bits"
	codeDecay            = "legalise/decay"
	codeThreshold        = "legalise/threshold"
	codeBias             = "legalise/bias"
	codeRefractory       = "legalise/refractory"
	codeLimits           = "legalise/voltage-limits"
	codeGain             = "legalise/gain"
	codeReset            = "legalise/reset"
	codeRefractoryWeight = "legalise/refractory-weight"
	codeSoftRefractory   = "legalise/soft-refractory"
	codeOffset           = "legalise/decay-offset"
	codeProfiles         = "legalise/profiles"
	codeBits             = "legalise/weight-bits"
	codeExp              = "legalise/weight-exp"
	codeMantissa         = "legalise/weight-mantissa"
	codeDelay            = "legalise/delay"
	codePort             = "legalise/port"
	codeGraded           = "legalise/graded"
	codeJoin             = "legalise/join"
	codeMapper           = "partition/mapper"
	codeForecast         = "partition/forecast"
	codeRoutes           = "partition/routes"
	codeChips            = "place/chips"
	codeCheckStage       = "check/stage"
	codeCheckPlace       = "check/place"
	codeCheckJoin        = "check/join"
	codeCheckRoute       = "check/route"
	codeCheckDangling    = "check/dangling"
	codeCheckLimit       = "check/limit"
)

// Codes explains the diagnostics of this package.
var Codes = append(append(legaliseCodes, partitionCodes()...), checkCodes...)

var legaliseCodes = []diag.CodeDoc{
	{
		Code: codeProgram, Meaning: "The chip's compartments are fixed functions and the group's program is none of them.",
		Example: "group @r : @mine x 10 {} on loihi1", Fix: "Use cuba, dendrite, auxiliary or readout, or a chip that runs any program.",
	},
	{
		Code: codeOps, Meaning: "A neuron program has more operations than a compartment update may take.",
		Example: "a program of 300 operations on loihi2", Fix: "Shorten the program, or split it over groups with joins.",
	},
	{
		Code: codeState, Meaning: "A compartment keeps more bytes of state and own params than the chip gives it.",
		Example: "a program of 2000 states", Fix: "Use fewer states, or one value of a param for the whole group.",
	},
	{
		Code: codeWidth, Meaning: "A state or param is wider than the chip stores.",
		Example: "state v:s40 on loihi2", Fix: "Declare it narrower and limit its value in the program.",
	},
	{
		Code: codeDecay, Meaning: "A decay is outside 0..4096.",
		Example: "du = 5000 on loihi1", Fix: "Use a value in the range; 4096 forgets everything in one row.",
	},
	{
		Code: codeThreshold, Meaning: "The threshold is not mantissa * 64 with a mantissa of 17 bits.",
		Example: "vth = 100 on loihi1", Fix: "Round it to the value that the message names; put a negative one into the bias.",
	},
	{
		Code: codeBias, Meaning: "The bias is not a mantissa of 13 bits times a power of two up to 2^7.",
		Example: "bias = 4097 on loihi1", Fix: "Round it to the value that the message names.",
	},
	{
		Code: codeRefractory, Meaning: "The refractory period is longer than the chip can count.",
		Example: "refrac = 100 on loihi1", Fix: "Use at most the value that the message names.",
	},
	{
		Code: codeLimits, Meaning: "A voltage limit is not one of the powers of two that the chip offers.",
		Example: "vmin = -1000 on loihi1", Fix: "Use the value that the message names.",
	},
	{
		Code: codeGain, Meaning: "The @decolle program scales the current before it enters the membrane; fixed compartments add it whole.",
		Example: "gain = 2048 on loihi1", Fix: "Scale the weights into the group instead.",
	},
	{
		Code: codeReset, Meaning: "A @decolle group with a periodic reset cannot be expanded: its refractory spike would survive the reset on its way through the synapse.",
		Example: "group @h : @decolle x 4 { wr = 64 } reset(20, 0) on loihi1", Fix: "Remove the reset, or use a chip that runs @decolle.",
	},
	{
		Code: codeRefractoryWeight, Meaning: "On a chip of fixed compartments wr becomes the weight of a synapse, and this value is no weight.",
		Example: "wr = 100 on loihi1", Fix: "Use one of the values that the message names; the quantiser chooses such values when it knows the chip.",
	},
	{
		Code: codeSoftRefractory, Meaning: "A note: each neuron of the group takes two compartments, one for membrane and current, one for the refractory trace and the spike.",
		Example: "group @h : @decolle x 128 {} on loihi1", Fix: "Nothing is wrong; a chip that runs @decolle takes one compartment.",
	},
	{
		Code: codeOffset, Meaning: "A note: decay registers have 12 bits, so a decay of 4096 needs the offset bit of the core, which adds 1 to every decay there.",
		Example: "dv = 4096 on loihi1", Fix: "Nothing is wrong; set dsOffset (du) or dmOffset (dv) when the network is put on a board.",
	},
	{
		Code: codeProfiles, Meaning: "A warning: thresholds live in a small table of each core, and the group has more values than one table holds.",
		Example: "a threshold for each of 512 compartments on loihi1", Fix: "Give the group one threshold and scale its weights.",
	},
	{
		Code: codeBits, Meaning: "The chip has no synapse format with weights of that width.",
		Example: "bits(7) on loihi1", Fix: "Use the next greater width.",
	},
	{
		Code: codeExp, Meaning: "The weight exponent is outside what a synapse format holds.",
		Example: "exp(-8) on a chip whose weight_exp_min is -7", Fix: "Scale the weights of all synapses into the group, and its threshold.",
	},
	{
		Code: codeMantissa, Meaning: "A weight mantissa is outside what the chip stores.",
		Example: "mantissa 255 on a chip whose weight_mantissa_max is 127", Fix: "Use a greater exponent.",
	},
	{
		Code: codeDelay, Meaning: "A delay is longer than the accumulators of a core reach.",
		Example: "delay(63)", Fix: "Use at most delay_max rows.",
	},
	{
		Code: codePort, Meaning: "A synapse or join ends at a port that the chip's wiring does not reach.",
		Example: "synapse @w : @in -> @h.dendrite … on loihi1", Fix: "Synapses end at drive, joins at dendrite.",
	},
	{
		Code: codeGraded, Meaning: "Graded values are sent to a chip whose spikes carry none, or fewer bits.",
		Example: "input @in 4 payload(s8) on loihi1", Fix: "Code the value in rates or times, or use a chip with graded spikes.",
	},
	{
		Code: codeJoin, Meaning: "More compartments are joined than the stack between compartments allows.",
		Example: "three joins into one cuba group on loihi1", Fix: "Chain the joins, or double the group that is joined twice.",
	},
}

// partitionCodes documents one code for each resource of a core.
func partitionCodes() []diag.CodeDoc {
	docs := make([]diag.CodeDoc, 0, len(resources)+1)
	for _, r := range resources {
		docs = append(docs, diag.CodeDoc{
			Code:    r.code,
			Meaning: "A single compartment, with those that are joined to it, needs more " + r.noun + " than a core has; no split of the group can help.",
			Example: "a chip profile with " + r.limit + " too small for the network",
			Fix:     "You can " + r.fix + ", or choose a chip with more " + r.limit + ".",
		})
	}
	return append(docs, diag.CodeDoc{
		Code: codeForecast, Meaning: "A note, not an error: to map a large network takes long, so what it is going to take is told before.",
		Example: "three convolutions of 64, 128 and 128 channels under kernels of 7 x 7", Fix: "Where that is too much, stop the command; decc build --estimate tells what binds.",
	}, diag.CodeDoc{
		Code: codeRoutes, Meaning: "The network fits on the chips, but its routes and images would be more than a build holds in memory.",
		Example: "three convolutions of 64, 128 and 128 channels under kernels of 7 x 7", Fix: "Build a part of it, or use fewer channels; decc build --estimate tells what all of it takes.",
	}, diag.CodeDoc{
		Code: codeMapper, Meaning: "There is no mapper of that name; a mapper divides the compartments over cores.",
		Example: "decc build --mapper fast", Fix: "Use one of those that the message names.",
	}, diag.CodeDoc{
		Code: codeChips, Meaning: "The network takes more cores than the largest system of the chip has.",
		Example: "a chip profile with chips = 1 and cores = 2 for a network of 3 cores", Fix: "Make the network smaller, or use more chips.",
	})
}

var checkCodes = []diag.CodeDoc{
	{
		Code: codeCheckStage, Meaning: "Only a routed module of the given chip can be checked against it.",
		Example: "a module of stage placed", Fix: "Run the remaining passes.",
	},
	{
		Code: codeCheckPlace, Meaning: "A core is outside the mesh of the chip.",
		Example: "core 0 at(0, 9, 0) on loihi1", Fix: "Use coordinates on the mesh, or run the place pass.",
	},
	{
		Code: codeCheckJoin, Meaning: "Two compartments that are joined are on different cores.",
		Example: "core 0 { @a[0:1] } core 1 { @h[0:1] } with join @a -> @h.dendrite", Fix: "Keep joined compartments together.",
	},
	{
		Code: codeCheckRoute, Meaning: "A synapse is not reached by exactly one route, or two sources share an in-axon.",
		Example: "a synapse of @in[0] on core 0 without route @in[0] -> core 0 …", Fix: "Add the route, or run the route pass again.",
	},
	{
		Code: codeCheckDangling, Meaning: "A route leads to a core where its source has no synapses.",
		Example: "route @in[3] -> core 1 axon 0 where nothing on core 1 listens to @in[3]", Fix: "Remove the route.",
	},
	{
		Code: codeCheckLimit, Meaning: "A core holds more than the chip allows.",
		Example: "1025 compartments on a core of loihi1", Fix: "Partition the module again for this chip.",
	},
}
