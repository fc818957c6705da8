package rules

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"mlops.dev/notebook-validator-operator/api/v1alpha1"
)

func TestEveryRuleIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, rule := range All() {
		assert.Regexp(t, `^[A-Z0-9]+(-[A-Z]+)*$`, rule.ID)
		assert.False(t, seen[rule.ID], "%s is there twice", rule.ID)
		seen[rule.ID] = true
		assert.Contains(t, Groups(), rule.Group, rule.ID)
		assert.NotEmpty(t, rule.Title, rule.ID)
		assert.False(t, strings.HasSuffix(rule.Title, "."), "%s: a title is no sentence", rule.ID)
		for what, text := range map[string]string{"why": rule.Why, "fix": rule.Fix} {
			assert.True(t, strings.HasSuffix(text, "."), "%s: %s must be a sentence", rule.ID, what)
			assert.LessOrEqual(t, len(text), 250, "%s: %s is too long", rule.ID, what)
		}
		assert.NotEmpty(t, rule.Example, rule.ID)
		assert.LessOrEqual(t, len(rule.Example), 300, rule.ID)
	}
}

func TestSeveritiesNeverFall(t *testing.T) {
	order := map[v1alpha1.Severity]int{
		"": 0, v1alpha1.SeverityInfo: 1, v1alpha1.SeverityWarning: 2, v1alpha1.SeverityFailure: 3,
	}
	for _, rule := range All() {
		sure, milder := 0, 0
		for _, level := range v1alpha1.Levels() {
			now, mild := order[rule.Severity(level)], order[rule.MilderSeverity(level)]
			assert.GreaterOrEqual(t, now, sure, rule.ID)
			assert.GreaterOrEqual(t, mild, milder, rule.ID)
			assert.GreaterOrEqual(t, now, mild, rule.ID)
			sure, milder = now, mild
		}
	}
}

func TestSeverity(t *testing.T) {
	rule, known := Find("CONTAINER")
	assert.True(t, known)
	assert.Equal(t, v1alpha1.SeverityFailure, rule.Severity(""), "an empty level is development")
	assert.Equal(t, v1alpha1.SeverityWarning, rule.Severity(v1alpha1.LevelLearning))
	assert.Equal(t, v1alpha1.SeverityWarning, rule.MilderSeverity(v1alpha1.LevelDevelopment))
	assert.Equal(t, v1alpha1.SeverityFailure, rule.Severity("unheard of"))
	assert.Equal(t, DocsBase+"CONTAINER.md", rule.Link())
	_, known = Find("NB000")
	assert.False(t, known)
}

func TestNobodyCanChangeTheCatalogue(t *testing.T) {
	All()[0].ID = "CHANGED"
	assert.NotEqual(t, "CHANGED", All()[0].ID)
}
