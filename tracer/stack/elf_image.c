#include "stack/elf_image.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "stack/eh_frame.h"

enum {
	SEGMENTS_MAX = 128,
	SECTIONS_MAX = 65536,
	SECTION_LEN_MAX = 256 * 1024 * 1024,
	EH_FRAME_LEN_MAX = 64 * 1024 * 1024,
};

struct segment {
	uint64_t offset, len, vaddr;
};

struct symbol {
	uint64_t vaddr, size; /* without a size of its own: up to the end of the section */
	bool is_sized;
	const char *name;
	uint8_t rank; /* the lower, the better a name where several fit */
};

struct elf_image {
	struct segment *segments;
	size_t n_segments;
	struct symbol *symbols; /* sorted by vaddr, best first */
	size_t n_symbols, cap_symbols;
	char *strings[2]; /* of .symtab and .dynsym */
	Elf64_Shdr eh_frame; /* sh_size 0: none */
	struct elf_unwind_entry *unwind;
	size_t n_unwind;
	bool has_unwind; /* it was tried */
};

/* len bytes at offset, malloc()ed, with a NUL behind; NULL if they are not all there. */
static void *read_part(const struct elf_source *source, uint64_t offset, uint64_t len, uint64_t max)
{
	size_t done = 0;
	char *data;

	if (!len || len > max || offset > source->len || len > source->len - offset)
		return NULL;
	data = malloc(len + 1);
	if (!data)
		return NULL;
	while (done < len) {
		ssize_t n = source->read(source->data, data + done, len - done, offset + done);

		if (n <= 0) {
			free(data);
			return NULL;
		}
		done += (size_t)n;
	}
	data[len] = '\0';
	return data;
}

static int load_segments(struct elf_image *image, const struct elf_source *source,
			 const Elf64_Ehdr *header)
{
	Elf64_Phdr *phdrs;

	if (header->e_phentsize != sizeof(*phdrs) || !header->e_phnum ||
	    header->e_phnum > SEGMENTS_MAX)
		return -ENOEXEC;
	phdrs = read_part(source, header->e_phoff, header->e_phnum * sizeof(*phdrs), UINT32_MAX);
	if (!phdrs)
		return -ENOEXEC;
	image->segments = calloc(header->e_phnum, sizeof(*image->segments));
	for (unsigned i = 0; image->segments && i < header->e_phnum; i++) {
		if (phdrs[i].p_type == PT_LOAD)
			image->segments[image->n_segments++] =
				(struct segment){ phdrs[i].p_offset, phdrs[i].p_filesz,
						  phdrs[i].p_vaddr };
	}
	free(phdrs);
	return 0;
}

/* Of names for one address: global before local, then the one with fewer underscores in front. */
static uint8_t rank_of(const Elf64_Sym *sym, const char *name)
{
	size_t underscores = strspn(name, "_");
	uint8_t rank = ELF64_ST_BIND(sym->st_info) == STB_LOCAL ? 8 : 0;

	return (uint8_t)(rank + (underscores < 7 ? underscores : 7));
}

/* Is it a function, or a label in code? */
static bool is_code(const Elf64_Sym *sym, const Elf64_Shdr *sections, size_t n_sections)
{
	unsigned type = ELF64_ST_TYPE(sym->st_info);

	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= n_sections)
		return false;
	return type == STT_FUNC ||
	       (type == STT_NOTYPE && sections[sym->st_shndx].sh_flags & SHF_EXECINSTR);
}

static void add_symbol(struct elf_image *image, const Elf64_Sym *sym, const Elf64_Shdr *section,
		       const char *name)
{
	uint64_t offset = sym->st_value - section->sh_addr;
	struct symbol *symbol;

	image->symbols = array_grow(image->symbols, image->n_symbols, &image->cap_symbols,
				    sizeof(*image->symbols));
	symbol = &image->symbols[image->n_symbols++];
	symbol->vaddr = sym->st_value;
	symbol->size = sym->st_size;
	symbol->is_sized = sym->st_size != 0;
	if (!symbol->is_sized && offset < section->sh_size)
		symbol->size = section->sh_size - offset;
	symbol->name = name;
	symbol->rank = rank_of(sym, name);
}

static void load_symbols(struct elf_image *image, const struct elf_source *source,
			 const Elf64_Shdr *sections, size_t n, size_t i, char **ret_strings)
{
	const Elf64_Shdr *table = &sections[i], *strings;
	Elf64_Sym *syms;

	if (table->sh_entsize != sizeof(*syms) || table->sh_link >= n || *ret_strings)
		return;
	strings = &sections[table->sh_link];
	syms = read_part(source, table->sh_offset, table->sh_size, SECTION_LEN_MAX);
	*ret_strings = read_part(source, strings->sh_offset, strings->sh_size, SECTION_LEN_MAX);
	for (size_t j = 0; syms && *ret_strings && j < table->sh_size / sizeof(*syms); j++) {
		if (syms[j].st_name < strings->sh_size && (*ret_strings)[syms[j].st_name] &&
		    is_code(&syms[j], sections, n))
			add_symbol(image, &syms[j], &sections[syms[j].st_shndx],
				   *ret_strings + syms[j].st_name);
	}
	free(syms);
}

static void find_eh_frame(struct elf_image *image, const struct elf_source *source,
			  const Elf64_Shdr *sections, size_t n, size_t names_index)
{
	const Elf64_Shdr *names = &sections[names_index < n ? names_index : 0];
	char *text = read_part(source, names->sh_offset, names->sh_size, EH_FRAME_LEN_MAX);

	for (size_t i = 0; text && i < n; i++) {
		if (sections[i].sh_name < names->sh_size &&
		    strcmp(text + sections[i].sh_name, ".eh_frame") == 0 &&
		    sections[i].sh_type != SHT_NOBITS)
			image->eh_frame = sections[i];
	}
	free(text);
}

static int by_vaddr(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->vaddr != y->vaddr)
		return x->vaddr < y->vaddr ? -1 : 1;
	return (int)x->rank - (int)y->rank;
}

static void load_sections(struct elf_image *image, const struct elf_source *source,
			  const Elf64_Ehdr *header)
{
	size_t n = header->e_shnum;
	Elf64_Shdr *sections;

	if (header->e_shentsize != sizeof(*sections) || !n || n > SECTIONS_MAX)
		return;
	sections = read_part(source, header->e_shoff, n * sizeof(*sections), UINT32_MAX);
	if (!sections)
		return;
	for (size_t i = 0; i < n; i++) {
		if (sections[i].sh_type == SHT_SYMTAB)
			load_symbols(image, source, sections, n, i, &image->strings[0]);
		else if (sections[i].sh_type == SHT_DYNSYM)
			load_symbols(image, source, sections, n, i, &image->strings[1]);
	}
	find_eh_frame(image, source, sections, n, header->e_shstrndx);
	free(sections);
	if (image->n_symbols)
		qsort(image->symbols, image->n_symbols, sizeof(*image->symbols), by_vaddr);
}

int elf_image_load(const struct elf_source *source, struct elf_image **ret_image)
{
	Elf64_Ehdr *header = read_part(source, 0, sizeof(*header), sizeof(*header));
	struct elf_image *image;
	int error = -ENOEXEC;

	if (!header)
		return -ENOEXEC;
	image = calloc(1, sizeof(*image));
	if (!image)
		abort();
	if (memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	    header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_machine == EM_X86_64)
		error = load_segments(image, source, header);
	if (!error)
		load_sections(image, source, header);
	free(header);
	if (error) {
		elf_image_destroy(image);
		return error;
	}
	*ret_image = image;
	return 0;
}

void elf_image_destroy(struct elf_image *image)
{
	if (!image)
		return;
	free(image->segments);
	free(image->symbols);
	free(image->strings[0]);
	free(image->strings[1]);
	free(image->unwind);
	free(image);
}

int elf_image_vaddr(const struct elf_image *image, uint64_t offset, uint64_t *ret_vaddr)
{
	for (size_t i = 0; i < image->n_segments; i++) {
		const struct segment *segment = &image->segments[i];

		/* A mapping begins at the page that its segment begins in. */
		if (offset >= (segment->offset & ~4095ull) &&
		    offset < segment->offset + segment->len) {
			*ret_vaddr = segment->vaddr + (offset - segment->offset);
			return 0;
		}
	}
	return -ENOENT;
}

const char *elf_image_symbol(const struct elf_image *image, uint64_t vaddr, uint64_t *ret_offset)
{
	size_t low = 0, high = image->n_symbols;
	const struct symbol *best = NULL;
	uint64_t nearest = 0;

	/* The first symbol behind vaddr; those that may cover it are before. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->symbols[middle].vaddr <= vaddr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low)
		nearest = image->symbols[low - 1].vaddr;
	for (unsigned steps = 0; low > 0 && steps < 64; steps++) {
		const struct symbol *symbol = &image->symbols[--low];

		if (best && symbol->vaddr != best->vaddr)
			break;
		if (vaddr - symbol->vaddr < symbol->size &&
		    (symbol->is_sized || symbol->vaddr == nearest))
			best = symbol;
	}
	if (!best)
		return NULL;
	*ret_offset = vaddr - best->vaddr;
	return best->name;
}

size_t elf_image_unwind(struct elf_image *image, const struct elf_source *source,
			const struct elf_unwind_entry **ret_entries)
{
	const Elf64_Shdr *section = &image->eh_frame;
	uint8_t *data;

	if (!image->has_unwind) {
		image->has_unwind = true;
		data = read_part(source, section->sh_offset, section->sh_size, EH_FRAME_LEN_MAX);
		if (data)
			image->n_unwind = eh_frame_index(data, section->sh_size, section->sh_addr,
							 &image->unwind);
		free(data);
	}
	*ret_entries = image->unwind;
	return image->n_unwind;
}

uint64_t elf_image_unwind_base(const struct elf_image *image)
{
	return image->eh_frame.sh_size ? image->eh_frame.sh_addr : 0;
}
