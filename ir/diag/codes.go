package diag

// CodeDoc explains one diagnostic code to a user of `decc explain`. Every room
// that reports diagnostics exports its own `Codes` table; cmd/decc joins them.
type CodeDoc struct {
	Code    string // "room/name"
	Meaning string // what is wrong, in one or two sentences
	Example string // an input that causes it
	Fix     string // what puts it right
}
