package report

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"

	"decc/ir/diag"
)

// Floorplan is the tiles of a board seen from above, once for each way to map a network:
// how full the cores are and what the links between the tiles carry.
type Floorplan struct {
	Title  string
	Width  int // tiles in x
	Height int // tiles in y
	Panels []FloorPanel
}

// FloorPanel is one mapping.
type FloorPanel struct {
	Title string
	Cores []FloorCore
	Links []FloorLink
}

// FloorCore is a core: number Z of the tile (X, Y), Fill 0..1 of its scarcest resource.
type FloorCore struct {
	X, Y, Z int
	Fill    float64
}

// FloorLink is what a link carries from the tile (X, Y) by (DX, DY), one of them 1 or -1.
type FloorLink struct {
	X, Y, DX, DY int
	Load         float64
}

// Sizes of a floorplan, in pixels.
const (
	floorMargin  = 24
	floorHead    = 64
	floorGap     = 40
	panelTitle   = 30
	largestTile  = 84
	smallestTile = 12
	floorWidth   = 1100 // of all tiles of a panel
	floorKey     = 56
	mostTiles    = 1 << 14
)

// FloorplanPicture writes a PNG with the panels below one another. It fails with report/size
// when there is nothing to draw or too much, or with the error of w.
func FloorplanPicture(w io.Writer, f Floorplan) error {
	if f.Width < 1 || f.Height < 1 || f.Width*f.Height > mostTiles || len(f.Panels) == 0 || len(f.Panels) > maxCurves {
		return diag.Errorf(diag.Pos{}, codeSize, "found a floorplan of %d x %d tiles and %d panels, expected 1..%d tiles and 1..%d panels",
			f.Width, f.Height, len(f.Panels), mostTiles, maxCurves).WithFix("draw a part of the board")
	}
	return png.Encode(w, f.draw())
}

func (f Floorplan) draw() *image.RGBA {
	tile := min(max(floorWidth/f.Width, smallestTile), largestTile)
	panel := panelTitle + f.Height*tile + floorGap
	wide := max(f.Width*tile, leastPlot) + 2*floorMargin
	picture := image.NewRGBA(image.Rect(0, 0, wide, floorHead+len(f.Panels)*panel+floorKey))
	draw.Draw(picture, picture.Rect, image.NewUniform(white), image.Point{}, draw.Src)
	label{titleFont, ink, left}.draw(picture, floorMargin, 32, f.Title)
	label{textFont, fadedInk, left}.draw(picture, floorMargin, 52, "squares: cores, by how full they are; bars: links, by what they carry")
	worst := f.worst()
	for i, p := range f.Panels {
		p.draw(picture, image.Pt(floorMargin, floorHead+i*panel), f, tile, worst)
	}
	drawFloorKey(picture, picture.Rect.Max.Y-floorKey+8, worst)
	return picture
}

// worst is the greatest load of all panels: bars are comparable.
func (f Floorplan) worst() float64 {
	most := 0.0
	for _, p := range f.Panels {
		for _, l := range p.Links {
			most = max(most, l.Load)
		}
	}
	return most
}

func (p FloorPanel) draw(dst *image.RGBA, at image.Point, f Floorplan, tile int, worst float64) {
	label{textFont, ink, left}.draw(dst, at.X, at.Y+18, p.Title)
	origin := at.Add(image.Pt(0, panelTitle))
	for y := range f.Height {
		for x := range f.Width {
			fill(dst, tileAt(origin, x, y, tile), paper)
		}
	}
	for _, c := range p.Cores {
		fill(dst, coreAt(tileAt(origin, c.X, c.Y, tile), c.Z, p.perTile()), fillColour(c.Fill))
	}
	for _, l := range p.Links {
		l.draw(dst, origin, tile, worst)
	}
}

// tileAt is the square of a tile; a seventh of the pitch is left for the links.
func tileAt(origin image.Point, x, y, tile int) image.Rectangle {
	size := tile - max(3, tile/7)
	return image.Rect(0, 0, size, size).Add(origin).Add(image.Pt(x*tile, y*tile))
}

func (p FloorPanel) perTile() int {
	most := 0
	for _, c := range p.Cores {
		most = max(most, c.Z)
	}
	return most + 1
}

// coreAt is the square of core z on its tile, in rows as square as they get.
func coreAt(t image.Rectangle, z, perTile int) image.Rectangle {
	side := 1
	for side*side < perTile {
		side++
	}
	size := t.Dx() / side
	r := image.Rect(0, 0, size-1, size-1)
	return r.Add(t.Min).Add(image.Pt(z%side*size, z/side*size))
}

// draw paints a link as a bar in the gap between two tiles; the two directions lie beside
// each other.
func (l FloorLink) draw(dst *image.RGBA, origin image.Point, tile int, worst float64) {
	t := tileAt(origin, l.X, l.Y, tile)
	gap := tile - t.Dx()
	length := max(1, int(float64(t.Dx()/2-1)*l.Load/worst))
	var bar image.Rectangle
	middle := image.Pt((t.Min.X+t.Max.X)/2, (t.Min.Y+t.Max.Y)/2)
	switch {
	case l.DX > 0:
		bar = image.Rect(t.Max.X+1, middle.Y-length, t.Max.X+gap-1, middle.Y)
	case l.DX < 0:
		bar = image.Rect(t.Min.X-gap+1, middle.Y, t.Min.X-1, middle.Y+length)
	case l.DY > 0:
		bar = image.Rect(middle.X-length, t.Max.Y+1, middle.X, t.Max.Y+gap-1)
	default:
		bar = image.Rect(middle.X, t.Min.Y-gap+1, middle.X+length, t.Min.Y-1)
	}
	fill(dst, bar, chipOrange)
}

func fill(dst *image.RGBA, r image.Rectangle, c color.Color) {
	draw.Draw(dst, r, image.NewUniform(c), image.Point{}, draw.Src)
}

// fillColour runs from pale for an empty core to blue for a full one.
func fillColour(share float64) color.RGBA {
	mix := func(from, to uint8) uint8 {
		return uint8(float64(from) + (float64(to)-float64(from))*min(max(share, 0), 1))
	}
	pale := color.RGBA{0xde, 0xeb, 0xf4, 0xff}
	return color.RGBA{mix(pale.R, floatBlue.R), mix(pale.G, floatBlue.G), mix(pale.B, floatBlue.B), 0xff}
}

func drawFloorKey(dst *image.RGBA, y int, worst float64) {
	x := floorMargin
	small := label{tickFont, fadedInk, left}
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		fill(dst, image.Rect(x, y, x+14, y+14), fillColour(share))
		x += 20 + small.draw(dst, x+18, y+12, fmt.Sprintf("%.0f %%", 100*share)) + 8
	}
	fill(dst, image.Rect(x+20, y, x+26, y+14), chipOrange)
	small.draw(dst, x+34, y+12, fmt.Sprintf("longest bar: %.6g spikes", worst))
}

// Directions names the links as mappings do, by the way they lead.
var Directions = map[string][2]int{"east": {1, 0}, "west": {-1, 0}, "south": {0, 1}, "north": {0, -1}}

// Extent is the board that all panels need: tiles up to the last that holds a core, at least one chip.
func Extent(tilesX, tilesY int, panels []FloorPanel) (width, height int) {
	for _, p := range panels {
		for _, c := range p.Cores {
			width, height = max(width, c.X+1), max(height, c.Y+1)
		}
	}
	whole := func(n, of int) int { return max(1, (n+of-1)/of) * of }
	return whole(width, tilesX), whole(height, tilesY)
}
