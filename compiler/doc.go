// Package compiler runs passes over modules: the pass table's types, the order
// constraints between passes, verification after each of them, dumps and
// statistics. The passes themselves live in compiler/passes.
package compiler
