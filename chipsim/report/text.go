package report

import (
	"image"
	"image/color"
	"image/draw"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// typeface is a font at a size in pixels, made at its first use.
type typeface func() font.Face

var (
	titleFont = newTypeface(liberationsansbold.TTF, 17)
	textFont  = newTypeface(liberationsansregular.TTF, 13)
	tickFont  = newTypeface(liberationsansregular.TTF, 12)
)

// newTypeface panics at first use if the font that the module carries is damaged,
// which no input can cause.
func newTypeface(ttf []byte, pixels float64) typeface {
	parsed := sync.OnceValue(func() *opentype.Font {
		f, err := opentype.Parse(ttf)
		if err != nil {
			panic(err)
		}
		return f
	})
	return func() font.Face {
		face, err := opentype.NewFace(parsed(), &opentype.FaceOptions{Size: pixels, DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			panic(err)
		}
		return face
	}
}

// alignment of a text around its place, as the share of its width that lies to the
// left, in halves.
type alignment int

const (
	left alignment = iota
	centred
	right
)

// label is how a text looks.
type label struct {
	typeface typeface
	colour   color.Color
	align    alignment
}

// draw writes text with its baseline at y and returns its width in pixels.
func (l label) draw(dst draw.Image, x, y int, text string) int {
	d := font.Drawer{Dst: dst, Src: image.NewUniform(l.colour), Face: l.typeface()}
	width := d.MeasureString(text).Ceil()
	d.Dot = fixed.P(x-width*int(l.align)/2, y)
	d.DrawString(text)
	return width
}

// drawUpward writes text turned by a quarter to the left, centred at (x, y).
func (l label) drawUpward(dst draw.Image, x, y int, text string) {
	face := l.typeface()
	ascent, descent := face.Metrics().Ascent.Ceil(), face.Metrics().Descent.Ceil()
	width := font.MeasureString(face, text).Ceil()
	mask := image.NewAlpha(image.Rect(0, 0, width, ascent+descent))
	label{l.typeface, color.Opaque, left}.draw(mask, 0, ascent, text)
	turned := image.NewAlpha(image.Rect(0, 0, mask.Rect.Dy(), width))
	for i := range width {
		for j := range mask.Rect.Dy() {
			turned.SetAlpha(j, width-1-i, mask.AlphaAt(i, j))
		}
	}
	at := image.Pt(x-mask.Rect.Dy()/2, y-width/2)
	draw.DrawMask(dst, turned.Rect.Add(at), image.NewUniform(l.colour), image.Point{}, turned, image.Point{}, draw.Over)
}
