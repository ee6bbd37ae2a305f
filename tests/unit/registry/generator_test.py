"""The generator refuses a wrong registry, and says which file, which key and what is wrong."""

import copy
import json
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

from registry_generator import cpp, markdown, model, texts, typescript  # noqa: E402
from registry_generator.json_file import RegistryError  # noqa: E402

REGISTRY = json.loads((ROOT / "src/registry/registry.json").read_text(encoding="utf-8"))
TEXTS = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in (ROOT / "src/registry/texts").glob("*.json")}


def entry(section, key, value):
    return next(item for item in section if item[key] == value)


class GeneratorTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.registry = copy.deepcopy(REGISTRY)
        self.texts = copy.deepcopy(TEXTS)

    def load(self):
        (self.directory / "texts").mkdir(exist_ok=True)
        (self.directory / "registry.json").write_text(json.dumps(self.registry), encoding="utf-8")
        for name, content in self.texts.items():
            (self.directory / "texts" / name).write_text(json.dumps(content), encoding="utf-8")
        return model.load(self.directory / "registry.json", self.directory / "texts")

    def refused(self, *words):
        with self.assertRaises(RegistryError) as raised:
            self.load()
        message = str(raised.exception)
        for word in words:
            self.assertIn(word, message)

    def test_what_is_committed_is_accepted(self):
        self.assertEqual(self.load().languages[0].tag, "en")

    def test_a_new_code_is_one_entry(self):
        new = copy.deepcopy(entry(self.registry["codes"], "code", 4005))
        new.update(code=4006, id="left_site", constant="CLOSE_LEFT_SITE", name="Left the site")
        self.registry["codes"].append(new)
        registry = self.load()
        self.assertEqual(registry.lookup(4006)["id"], "left_site")
        self.assertIn("left_site = 4006;", cpp.tables(registry))
        self.assertIn("left_site: 4006,", typescript.tables(registry))
        self.assertIn("### 4006 Left the site", markdown.page(registry))

    def test_a_file_that_is_not_json(self):
        path = self.directory / "registry.json"
        path.write_text('{"version": 1,\n  "codes": [}', encoding="utf-8")
        with self.assertRaisesRegex(RegistryError, r"registry\.json: line 2: not JSON"):
            model.load(path, self.directory)

    def test_a_key_twice(self):
        path = self.directory / "registry.json"
        path.write_text('{"version": 1, "version": 2}', encoding="utf-8")
        with self.assertRaisesRegex(RegistryError, "'version' stands twice"):
            model.load(path, self.directory)

    def test_a_file_that_is_missing(self):
        with self.assertRaisesRegex(RegistryError, "none.json: cannot be read: No such file"):
            model.load(self.directory / "none.json", self.directory)

    def test_another_version(self):
        self.registry["version"] = 2
        self.refused("registry.json: version: this generator reads version 1")

    def test_a_missing_section(self):
        del self.registry["causes"]
        self.refused("exactly the keys again, causes, codes, errors, ranges, version")

    def test_an_unknown_key(self):
        self.registry["codes"][0]["colour"] = "red"
        self.refused("codes[0] (1000): unknown key 'colour'")

    def test_a_missing_key(self):
        del self.registry["codes"][0]["meaning"]
        self.refused("codes[0] (1000): the key 'meaning' is missing")

    def test_a_wrong_type(self):
        self.registry["codes"][0]["code"] = "1000"
        self.refused("codes[0] (1000): code: must be a whole number, not '1000'")

    def test_true_is_not_a_number(self):
        self.registry["codes"][0]["quiet_ms"] = True
        self.refused("quiet_ms: must be a whole number")

    def test_a_wrong_word(self):
        self.registry["codes"][0]["wire"] = "sometimes"
        self.refused("wire: must be one of never, anyone, client_only, by_extension, not 'sometimes'")

    def test_a_code_twice(self):
        again = copy.deepcopy(self.registry["codes"][0])
        again.update(id="twin", constant="CLOSE_TWIN")
        self.registry["codes"].append(again)
        self.refused("codes: 1000 stands twice")

    def test_an_id_twice(self):
        self.registry["codes"][1]["id"] = "normal_closure"
        self.refused("'normal_closure' stands twice")

    def test_an_id_that_is_no_identifier(self):
        self.registry["codes"][0]["id"] = "normal-closure"
        self.refused("codes.id or ranges.id: 'normal-closure' does not match")

    def test_a_code_of_more_than_16_bits(self):
        self.registry["codes"][0]["code"] = 65536
        self.refused("codes: 65536 does not fit")

    def test_a_gap(self):
        entry(self.registry["ranges"], "id", "extensions")["first"] = 2001
        self.refused("no code and no range has an entry for 2000")

    def test_a_removed_code_leaves_a_gap(self):
        self.registry["codes"].remove(entry(self.registry["codes"], "code", 1004))
        self.refused("no code and no range has an entry for 1004")

    def test_ranges_that_overlap(self):
        entry(self.registry["ranges"], "id", "extensions")["first"] = 1999
        self.refused("protocol_future and extensions overlap at 1999")

    def test_a_range_upside_down(self):
        entry(self.registry["ranges"], "id", "extensions").update(first=2999, last=2000)
        self.refused("extensions: 2999-2000 is not a range")

    def test_an_unknown_policy(self):
        self.registry["codes"][0]["again"] = "whenever"
        self.refused("normal_closure: again: 'whenever' is not in the section 'again'")

    def test_a_policy_that_nothing_uses(self):
        self.registry["again"].append({**self.registry["again"][0], "name": "idle"})
        self.refused("again: 'idle' is used by no entry")

    def test_a_browser_cannot_send_a_verdict(self):
        entry(self.registry["codes"], "code", 1006)["browser_may_send"] = True
        self.refused("abnormal_closure: a browser cannot send")

    def test_a_cause_with_a_status_outside_the_table(self):
        self.registry["causes"][0]["status"] = 4002
        self.refused("causes: unmasked_frame: status 4002 is not one of the codes")

    def test_a_cause_without_a_status(self):
        del self.registry["causes"][0]["status"]
        self.refused("causes[0] (unmasked_frame): the key 'status' is missing")

    def test_unknown_is_no_cause(self):
        self.registry["causes"][0]["name"] = "unknown"
        self.refused("'unknown' does not exist as a cause")

    def test_a_text_that_is_missing_in_one_language(self):
        del self.texts["de.json"]["texts"]["busy"]
        self.refused("de.json: texts: 'busy' is missing; en.json has it")

    def test_a_text_that_no_language_has(self):
        self.registry["errors"][0]["told"] = "surprise"
        self.refused("en.json: texts: 'surprise' is missing, but registry.json tells it")

    def test_a_text_that_nobody_is_told(self):
        self.texts["en.json"]["texts"]["spare"] = {"visitor": "Spare.", "agent": "Spare."}
        self.refused("en.json: texts: 'spare' is told by nothing")

    def test_a_text_for_one_audience_only(self):
        del self.texts["ar.json"]["texts"]["busy"]["agent"]
        self.refused("ar.json: texts: busy: must have exactly the keys visitor and agent")

    def test_a_placeholder_lost_in_translation(self):
        self.texts["zh.json"]["texts"]["busy"]["visitor"] = "当前咨询较多。"
        self.refused("zh.json: texts: busy: visitor: has the placeholders [], en.json has ['seconds']")

    def test_a_placeholder_outside_brackets(self):
        self.texts["fr.json"]["texts"]["busy"]["visitor"] = "Nouvel essai dans {seconds} s."
        self.refused("fr.json: texts: busy: visitor: a placeholder stands alone in square brackets")

    def test_a_placeholder_that_does_not_exist(self):
        self.texts["en.json"]["texts"]["busy"]["visitor"] = "Wait[ {minutes} min]."
        self.refused("en.json: texts: busy: visitor: unknown placeholder {minutes}")

    def test_a_language_file_that_calls_itself_otherwise(self):
        self.texts["es.json"]["language"] = "pt"
        self.refused("es.json: language: must be 'es'")

    def test_english_is_the_reference(self):
        del self.texts["en.json"]
        self.refused("en.json is missing")

    def test_literals_survive_quotes_and_backslashes(self):
        self.registry["codes"][0]["meaning"] = 'A "quoted" back\\slash, isn\'t it?'
        registry = self.load()
        self.assertIn(r'"A \"quoted\" back\\slash, isn' + "'" + 't it?"', cpp.tables(registry))
        self.assertIn(r'"A \"quoted\" back\\slash, isn' + "'" + 't it?"', typescript.tables(registry))

    def test_an_optional_part_is_left_out_without_its_value(self):
        self.assertEqual(texts.fill("Wait[ {seconds} s].", {"seconds": 7}), "Wait 7 s.")
        self.assertEqual(texts.fill("Wait[ {seconds} s].", {}), "Wait.")


if __name__ == "__main__":
    unittest.main()
