.PHONY: check test test-long fuzz bench kernels golden data
FUZZTIME ?= 60s

check: ## what a landing has to pass
	bash .ci/run

test:
	go test ./...

test-long: ## twenty times more random modules, with the race detector
	DECC_LONG=1 go test -timeout 2h ./...
	go test -race -timeout 2h ./chipsim ./chipsim/validate ./compiler/decolle ./compiler/quantise

fuzz: ## every fuzz target for FUZZTIME
	for p in $$(go list ./...); do for t in $$(go test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	  go test $$p -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x || exit 1; done; done

bench:
	go test -run '^$$' -bench . -count 6 ./... | go tool benchstat -

kernels: ## write the vector kernels anew
	for p in chipsim compiler/decolle; do (cd $$p/simd/_gen && go run . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg simd) || exit 1; done

golden: ## rewrite the expected outputs of file tests
	go test ./ir ./compiler/model ./compiler/passes ./cmd/decc ./backends/llvm -update

data: ## fetch MNIST through the Go client
	go run ./cmd/decc data fetch mnist
