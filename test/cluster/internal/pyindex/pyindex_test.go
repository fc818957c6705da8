package pyindex

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"mlops.dev/notebook-validator-operator/test/cluster/wheels"
)

func source() fstest.MapFS {
	return fstest.MapFS{
		"wheel.json":          {Data: []byte(`{"summary":"A thing","requiresPython":">=3.9","requires":["other>=1"]}`)},
		"a_thing/__init__.py": {Data: []byte("X = 1\n")},
		"a_thing/_hidden.py":  {Data: []byte("Y = 2\n")},
	}
}

func unzip(t *testing.T, content []byte) map[string]string {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	files := map[string]string{}
	for _, entry := range reader.File {
		file, err := entry.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(file)
		require.NoError(t, err)
		files[entry.Name] = string(text)
	}
	return files
}

func TestAWheelHoldsItsModulesAndItsMetadata(t *testing.T) {
	wheel, err := Write(source(), "a-thing", "1.2")
	require.NoError(t, err)

	files := unzip(t, wheel.Content)

	assert.Equal(t, "a_thing-1.2-py3-none-any.whl", wheel.File())
	assert.Equal(t, "X = 1\n", files["a_thing/__init__.py"])
	assert.Equal(t, "Y = 2\n", files["a_thing/_hidden.py"])
	assert.NotContains(t, files, "wheel.json")
	assert.Equal(t, "Metadata-Version: 2.1\nName: a-thing\nVersion: 1.2\nSummary: A thing\nRequires-Python: >=3.9\nRequires-Dist: other>=1\n",
		files["a_thing-1.2.dist-info/METADATA"])
}

func TestTheRecordListsEveryFileWithItsHashAndSize(t *testing.T) {
	wheel, err := Write(source(), "a-thing", "1.2")
	require.NoError(t, err)
	files := unzip(t, wheel.Content)
	const record = "a_thing-1.2.dist-info/RECORD"

	rows, err := csv.NewReader(bytes.NewReader([]byte(files[record]))).ReadAll()

	require.NoError(t, err)
	require.Len(t, rows, len(files))
	for _, row := range rows {
		content, known := files[row[0]]
		require.True(t, known, row[0])
		if row[0] == record {
			assert.Equal(t, []string{record, "", ""}, row)
			continue
		}
		sum := sha256.Sum256([]byte(content))
		assert.Equal(t, "sha256="+base64.RawURLEncoding.EncodeToString(sum[:]), row[1])
		assert.Equal(t, strconv.Itoa(len(content)), row[2])
	}
}

func TestTheSameSourcesGiveTheSameBytes(t *testing.T) {
	first, err := Write(source(), "a-thing", "1.2")
	require.NoError(t, err)
	second, err := Write(source(), "a-thing", "1.2")
	require.NoError(t, err)
	assert.Equal(t, first.Content, second.Content)
}

func TestAnUnknownFieldOfADescriptionIsAnError(t *testing.T) {
	broken := source()
	broken["wheel.json"] = &fstest.MapFile{Data: []byte(`{"sumary":"A thing"}`)}

	_, err := Write(broken, "a-thing", "1.2")

	assert.ErrorContains(t, err, "sumary")
}

func get(t *testing.T, server *httptest.Server, path string) (int, string) {
	t.Helper()
	response, err := server.Client().Get(server.URL + path)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

var link = regexp.MustCompile(`href="(/files/[^"#]+)#sha256=([0-9a-f]{64})"`)

func TestTheIndexOffersEveryVersionWithATrueHash(t *testing.T) {
	index, err := NewIndex(wheels.Sources)
	require.NoError(t, err)
	server := httptest.NewServer(index.Handler())
	defer server.Close()

	status, page := get(t, server, "/simple/NBV_Colours/")

	require.Equal(t, http.StatusOK, status)
	links := link.FindAllStringSubmatch(page, -1)
	require.Len(t, links, 2)
	for _, found := range links {
		status, content := get(t, server, found[1])
		require.Equal(t, http.StatusOK, status)
		sum := sha256.Sum256([]byte(content))
		assert.Equal(t, found[2], hex.EncodeToString(sum[:]))
	}
}

func TestTheIndexListsItsProjectsAndRefusesOthers(t *testing.T) {
	index, err := NewIndex(wheels.Sources)
	require.NoError(t, err)
	server := httptest.NewServer(index.Handler())
	defer server.Close()

	_, page := get(t, server, "/simple/")
	for _, name := range []string{"nbv-brittle", "nbv-colours", "nbv-units"} {
		assert.Contains(t, page, `href="/simple/`+name+`/"`)
	}
	for _, path := range []string{"/simple/pandas/", "/files/pandas-1.0-py3-none-any.whl", "/files/../wheels.go", "/"} {
		status, _ := get(t, server, path)
		assert.Equal(t, http.StatusNotFound, status, path)
	}
}
