// Checks a folder that `ledgermesh publish` wrote with the packages that check Go's own checksum database: the
// checkpoint's signature, and that each entry is in the tree that it signs. On Debian:
//
//	apt-get install golang-go golang-golang-x-mod-dev
//	GO111MODULE=off GOPATH=/usr/share/gocode go run verify.go <folder> <vkey>
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// folder reads tiles where c2sp.org/tlog-tiles has them: as Go's database, without the height in the path.
type folder string

func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, err := os.ReadFile(filepath.Join(string(f), strings.Replace(tile.Path(), "tile/8/", "tile/", 1)))
		if err != nil {
			return nil, err
		}
		data[i] = bytes
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func main() {
	if len(os.Args) != 3 {
		fail("usage: verify <folder> <vkey>")
	}
	dir := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	signed, err := os.ReadFile(filepath.Join(string(dir), "checkpoint"))
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		fail("the checkpoint is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	rootBytes, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	var root tlog.Hash
	copy(root[:], rootBytes)

	// checks every tile against the root before it uses it
	hashes := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, dir)
	for at := int64(0); at < size; at += 1 << height {
		width := 1 << height
		if size-at < int64(width) {
			width = int(size - at)
		}
		path := tlog.Tile{H: height, L: -1, N: at >> height, W: width}.Path()
		bundle, err := os.ReadFile(filepath.Join(string(dir), strings.Replace(path, "tile/8/data/", "tile/entries/", 1)))
		check(err)
		for seq := at; seq < at+int64(width); seq++ {
			if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
				fail(fmt.Sprintf("entry %d is cut", seq))
			}
			length := int(binary.BigEndian.Uint16(bundle))
			leaf := tlog.RecordHash(bundle[2 : 2+length])
			bundle = bundle[2+length:]
			proof, err := tlog.ProveRecord(size, seq, hashes)
			check(err)
			check(tlog.CheckRecord(proof, size, root, seq, leaf))
		}
		if len(bundle) > 0 {
			fail("a bundle has more entries than its name says")
		}
	}
	fmt.Printf("%d of %d entries are in the tree that %s signed\n", size, size, verifier.Name())
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
