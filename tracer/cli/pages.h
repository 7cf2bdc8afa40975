#ifndef CLI_PAGES_H
#define CLI_PAGES_H

/* docs/mechanisms/NAME.md as they were when this was built, by name; ends with a NULL name. */
struct page {
	const char *name;
	const char *text;
};

/* Made by tracer/CMakeLists.txt. */
extern const struct page pages[];

#endif
