package main

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/rhysd/actionlint"
)

var (
	used    = regexp.MustCompile(`uses:\s*["']?([\w./-]+)@([\w.-]+)["']?(?:[ \t]+#[ \t]*(?:tag=)?v?(\d+))?`)
	major   = regexp.MustCompile(`^v(\d+)(?:\.\d+)*$`)
	unknown = regexp.MustCompile(`^input "([^"]+)" is not defined in action "([^"]+)"\. available inputs are (.*)`)
)

// guesses are the actions whose inputs are those of an older release that actionlint knows.
type guesses map[string]bool

// know adds what actionlint's list says of an action to other names of it: full versions, commits
// with a version in their comment, and majors that came after the list. forget takes it out again.
func know(text string) (guesses, func()) {
	guessed := guesses{}
	var added, outdated []string
	for _, use := range used.FindAllStringSubmatch(text, -1) {
		spec := use[1] + "@" + use[2]
		number := use[3]
		if found := major.FindStringSubmatch(use[2]); found != nil {
			number = found[1]
		}
		wanted, err := strconv.Atoi(number)
		if _, known := actionlint.PopularActions[spec]; known || err != nil {
			continue
		}
		if _, old := actionlint.OutdatedPopularActionSpecs[use[1]+"@v"+number]; old {
			actionlint.OutdatedPopularActionSpecs[spec] = struct{}{}
			if spec != use[1]+"@v"+number {
				outdated = append(outdated, spec)
			}
			continue
		}
		for n := wanted; n > 0; n-- {
			if meta, ok := actionlint.PopularActions[use[1]+"@v"+strconv.Itoa(n)]; ok {
				loose := *meta
				loose.SkipOutputs = true
				actionlint.PopularActions[spec] = &loose
				added = append(added, spec)
				guessed[spec] = n < wanted
				break
			}
		}
	}
	return guessed, func() {
		for _, spec := range added {
			delete(actionlint.PopularActions, spec)
		}
		for _, spec := range outdated {
			delete(actionlint.OutdatedPopularActionSpecs, spec)
		}
	}
}

// unsure tells whether a fault is about an input that a newer release may have: only what is almost
// the name of a known one is a fault there.
func (g guesses) unsure(message string) bool {
	found := unknown.FindStringSubmatch(message)
	if found == nil || !g[found[2]] {
		return false
	}
	for _, name := range strings.Split(found[3], ", ") {
		if near(found[1], strings.Trim(name, `"`)) {
			return false
		}
	}
	return true
}

// near tells whether two names differ by at most two letters.
func near(a, b string) bool {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before := row[0]
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			before, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, before+cost)
		}
	}
	return row[len(b)] <= 2
}
