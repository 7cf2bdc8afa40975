#!/usr/bin/env python3
# ctest: timeout=240
"""The pages about the mechanisms: complete, their links lead somewhere, and their traces still hold."""
import os
import re
import subprocess
import sys
import unittest

import demos

DOCS = os.path.join(demos.SOURCE, "docs")
PAGES = os.path.join(DOCS, "mechanisms")
HEADINGS = ["What it is for", "In the kernel", "The calls", "A trace", "What a tracer cannot see", "Bugs, and how their trace looks",
            "Where to look next"]


def pages():
    return sorted(name for name in os.listdir(PAGES) if name.endswith(".md") and name != "README.md")


def text(*path):
    with open(os.path.join(*path)) as file:
        return file.read()


class Docs(unittest.TestCase):
    def test_every_page_has_its_sections(self):
        for name in pages():
            with self.subTest(name):
                self.assertEqual(re.findall(r"^## (.*)", text(PAGES, name), re.M), HEADINGS)

    def test_every_demo_has_a_page(self):
        everything = "".join(text(PAGES, name) for name in [*pages(), "README.md"])
        for demo in {variant[0] for variant in demos.variants()}:
            with self.subTest(demo):
                self.assertRegex(everything, rf"build/demos/{demo}\b")

    def test_links_lead_somewhere(self):
        for folder in (DOCS, PAGES):
            for name in os.listdir(folder):
                if not name.endswith(".md"):
                    continue
                for link in re.findall(r"\]\(([^)#:]+)\)", text(folder, name)):
                    with self.subTest(page=name, link=link):
                        self.assertTrue(os.path.exists(os.path.join(folder, link)))

    def test_every_page_is_on_the_path(self):
        path = text(DOCS, "README.md")
        for name in pages():
            with self.subTest(name):
                self.assertIn(f"mechanisms/{name}", path)

    def test_every_hard_case_has_a_file_and_a_test(self):
        table = text(DOCS, "reliability.md").partition("\n## Cases\n")[2]
        cases = re.findall(r"^\| ([A-M]\d+) \|.*\| (.*?) \| (.*?) \|$", table, re.M)
        self.assertGreater(len(cases), 50)
        self.assertEqual(len(cases), len({name for name, _, _ in cases}))
        for name, files, tests in cases:
            with self.subTest(name):
                for file in re.findall(r"[\w./]+\.[ch]\b", files):
                    self.assertTrue(os.path.exists(os.path.join(demos.SOURCE, "tracer", file)), file)
                named = re.findall(r"([\w/]+\.(?:py|c))(?:: ([\w, ]+))?", tests)
                self.assertTrue(named)
                for file, names in named:
                    content = text(demos.SOURCE, "tests", file)
                    for one in filter(None, names.split(", ")):
                        self.assertRegex(content, rf"\b(test_)?{one}\b")

    def test_traces_hold(self):
        done = subprocess.run([sys.executable, os.path.join(PAGES, "update"), "--check"], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
