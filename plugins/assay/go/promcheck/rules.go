package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/rulefmt"
	"go.yaml.in/yaml/v3"
)

// rules judges a rule file. rulefmt stops at the first field that it can't read: each is read by
// itself here, and what can't be is taken out before the rest is validated.
func rules(text string) []Fault {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		return []Fault{at(nil, err.Error())}
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := document.Content[0]
	found := readable[rulefmt.RuleGroups](root, nil, "groups")
	groups := value(root, "groups")
	if groups == nil && len(found) > 0 {
		return found
	}
	if groups == nil || groups.Kind != yaml.SequenceNode {
		return append(found, at([]any{"groups"}, "a rule file is a mapping whose groups: is a list"))
	}
	seen := map[string][]any{}
	for number, node := range groups.Content {
		path := []any{"groups", number}
		found = append(found, group(node, path, seen)...)
	}
	return append(found, repeated(groups)...)
}

func group(node *yaml.Node, path []any, seen map[string][]any) []Fault {
	node = resolved(node)
	if node.Kind != yaml.MappingNode {
		return []Fault{at(path, "a group is a mapping with name: and rules:")}
	}
	found := readable[rulefmt.RuleGroup](node, path, "rules")
	var own rulefmt.RuleGroup
	if err := node.Decode(&own); err != nil {
		own = rulefmt.RuleGroup{Labels: map[string]string{}}
	}
	list := value(node, "rules")
	if list == nil {
		return append(found, at(path, "the group has no rules: a list of rules has to follow its name"))
	}
	if list.Kind != yaml.SequenceNode {
		return append(found, at(below(path, "rules"), "rules: is a list, each item begins with '- '"))
	}
	for number, item := range list.Content {
		here := below(path, "rules", number)
		one, faults := rule(resolved(item), here)
		found = append(found, faults...)
		if name := one.Record + one.Alert; name != "" && len(faults) == 0 {
			key := fmt.Sprint(name, one.Record != "", merged(own.Labels, one.Labels))
			if first, there := seen[key]; there {
				found = append(found, at(here, fmt.Sprintf(
					"%q has the name and the labels of rule %d of group %d: their series can't be told apart; give one another label",
					name, first[3].(int)+1, first[1].(int)+1)))
			} else {
				seen[key] = here
			}
		}
	}
	return found
}

// merged has the labels that the rule's series carry, written so that they can be compared.
func merged(group, rule map[string]string) string {
	every := maps.Clone(group)
	if every == nil {
		every = map[string]string{}
	}
	maps.Copy(every, rule)
	names := slices.Sorted(maps.Keys(every))
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "%q=%q,", name, every[name])
	}
	return text.String()
}

func rule(node *yaml.Node, path []any) (rulefmt.Rule, []Fault) {
	var own rulefmt.Rule
	if node.Kind != yaml.MappingNode {
		return own, []Fault{at(path, "a rule is a mapping with record: or alert:, and expr:")}
	}
	found := readable[rulefmt.Rule](node, path)
	lost := len(found) > 0
	var places rulefmt.RuleNode
	if err := node.Decode(&own); err != nil {
		return own, append(found, at(path, err.Error()))
	}
	if err := node.Decode(&places); err != nil {
		return own, append(found, at(path, err.Error()))
	}
	for _, one := range own.Validate(places, model.UTF8Validation, queryParser) {
		message := plain(one.Error())
		switch {
		case strings.HasPrefix(message, "could not parse expression"):
			for _, fault := range parse(own.Expr) {
				fault.Path = below(path, "expr")
				found = append(found, fault)
			}
		case strings.HasPrefix(message, "one of"), strings.HasPrefix(message, "field 'expr'"):
			if !lost { // otherwise it follows from what can't be read
				found = append(found, at(path, message))
			}
		default:
			found = append(found, placed(message, node, path))
		}
	}
	return own, append(found, expanded(own, node, path)...)
}

var (
	leading = regexp.MustCompile(`^(\d+:\d+: )+`)
	badText = regexp.MustCompile(`^(label|annotation) "([^"]*)": template: [^:]*:\d+:(?:\d+:)? ?(?:executing .*? at <.*?>: )?(.*)$`)
	invalid = regexp.MustCompile(`^invalid (label name|label value|annotation name): (.*)$`)
	field   = regexp.MustCompile(`'(\w+)' in recording rule$`)
	quoted  = regexp.MustCompile(`"([^"]+)"`)
)

// plain takes the places off a message: what it is about is found anew.
func plain(message string) string {
	return lower(leading.ReplaceAllString(message, ""))
}

// placed finds out which field of the rule a message is about.
func placed(message string, node *yaml.Node, path []any) Fault {
	if match := badText.FindStringSubmatch(message); match != nil {
		section := match[1] + "s"
		return within(below(path, section, match[2]), value(node, section), match[3])
	}
	if match := invalid.FindStringSubmatch(message); match != nil {
		section := strings.Fields(match[1])[0] + "s"
		fault := at(below(path, section, match[2]), message)
		fault.Key = true
		return fault
	}
	if match := field.FindStringSubmatch(message); match != nil {
		fault := at(below(path, match[1]), message)
		fault.Key = true
		return fault
	}
	if strings.HasPrefix(message, "only one of") {
		fault := at(below(path, "alert"), message)
		fault.Key = true
		return fault
	}
	return at(below(path, "record"), message)
}

// within points at what a message quotes, where the text that a section has at the path's end has it
// once.
func within(path []any, section *yaml.Node, message string) Fault {
	fault := at(path, message)
	match := quoted.FindStringSubmatch(message)
	if section == nil || match == nil {
		return fault
	}
	text := value(section, path[len(path)-1].(string))
	if text != nil && strings.Count(text.Value, match[1]) == 1 {
		fault.Offset = len([]rune(text.Value[:strings.Index(text.Value, match[1])]))
	}
	return fault
}

// repeated asks rulefmt about the groups alone: names that are missing or there twice, and labels.
func repeated(groups *yaml.Node) []Fault {
	var found []Fault
	names := &yaml.Node{Kind: yaml.SequenceNode}
	for number, node := range groups.Content {
		bare := &yaml.Node{Kind: yaml.MappingNode}
		if name := value(resolved(node), "name"); name != nil && name.Kind == yaml.ScalarNode {
			bare.Content = append(bare.Content, scalar("name"), name)
		}
		labels := &yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(bare.Content)}
		if own := value(resolved(node), "labels"); own != nil {
			labels.Content = append(labels.Content, scalar("labels"), own)
		}
		for _, message := range asked(labels) {
			if match := invalid.FindStringSubmatch(message); match != nil {
				fault := at([]any{"groups", number, "labels", match[2]}, message)
				fault.Key = true
				found = append(found, fault)
			} else {
				found = append(found, at([]any{"groups", number}, message))
			}
		}
		before := len(asked(names.Content...))
		names.Content = append(names.Content, bare)
		for _, message := range asked(names.Content...) {
			if strings.Contains(message, "is repeated") && before < len(asked(names.Content...)) {
				found = append(found, at([]any{"groups", number, "name"}, message))
				names.Content = names.Content[:len(names.Content)-1]
				break
			}
		}
	}
	return found
}

func asked(groups ...*yaml.Node) []string {
	list := &yaml.Node{Kind: yaml.SequenceNode, Content: groups}
	text, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{scalar("groups"), list}})
	if err != nil {
		return []string{err.Error()}
	}
	_, errs := rulefmt.Parse(text, false, model.UTF8Validation, queryParser, promslog.NewNopLogger())
	var said []string
	for _, one := range errs {
		said = append(said, plain(one.Error()))
	}
	return said
}
