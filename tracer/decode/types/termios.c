/* Settings of terminals: asm-generic/termbits.h, asm-generic/termios.h, linux/tty.h. */
#include "decode/types/termios.h"

#include "decode/decode.h"
#include "decode/types/types.h"

static const struct const_name input_flags[] = {
	{ 01, "IGNBRK" },    { 02, "BRKINT" },      { 04, "IGNPAR" },    { 010, "PARMRK" },
	{ 020, "INPCK" },    { 040, "ISTRIP" },     { 0100, "INLCR" },   { 0200, "IGNCR" },
	{ 0400, "ICRNL" },   { 01000, "IUCLC" },    { 02000, "IXON" },   { 04000, "IXANY" },
	{ 010000, "IXOFF" }, { 020000, "IMAXBEL" }, { 040000, "IUTF8" },
};
static const struct const_set set_input = CONST_SET(input_flags, NULL);

static const struct const_name output_flags[] = {
	{ 01, "OPOST" },  { 02, "OLCUC" },   { 04, "ONLCR" },   { 010, "OCRNL" },
	{ 020, "ONOCR" }, { 040, "ONLRET" }, { 0100, "OFILL" }, { 0200, "OFDEL" },
};
static const struct const_set set_output = CONST_SET(output_flags, NULL);

static const struct const_name control_flags[] = {
	{ 0100, "CSTOPB" },         { 0200, "CREAD" },           { 0400, "PARENB" },
	{ 01000, "PARODD" },        { 02000, "HUPCL" },          { 04000, "CLOCAL" },
	{ 010000000000, "CMSPAR" }, { 020000000000, "CRTSCTS" },
};
static const struct const_set set_control = CONST_SET(control_flags, NULL);

static const struct const_name local_flags[] = {
	{ 01, "ISIG" },        { 02, "ICANON" },     { 04, "XCASE" },      { 010, "ECHO" },
	{ 020, "ECHOE" },      { 040, "ECHOK" },     { 0100, "ECHONL" },   { 0200, "NOFLSH" },
	{ 0100000, "IEXTEN" }, { 01000, "ECHOCTL" }, { 02000, "ECHOPRT" }, { 04000, "ECHOKE" },
	{ 010000, "FLUSHO" },  { 040000, "PENDIN" }, { 0400, "TOSTOP" },   { 0200000, "EXTPROC" },
};
static const struct const_set set_local = CONST_SET(local_flags, NULL);

/* Bits of a flags word that are a number of their own; values in the order of that number. */
struct bit_field {
	uint32_t mask;
	const char *const *names;
};

static const char *const newline_delays[] = { "NL0", "NL1" };
static const char *const return_delays[] = { "CR0", "CR1", "CR2", "CR3" };
static const char *const tab_delays[] = { "TAB0", "TAB1", "TAB2", "XTABS" };
static const char *const backspace_delays[] = { "BS0", "BS1" };
static const char *const vertical_delays[] = { "VT0", "VT1" };
static const char *const form_delays[] = { "FF0", "FF1" };
static const struct bit_field output_fields[] = {
	{ 0400, newline_delays },     { 03000, return_delays },    { 014000, tab_delays },
	{ 020000, backspace_delays }, { 040000, vertical_delays }, { 0100000, form_delays },
};

static const char *const sizes[] = { "CS5", "CS6", "CS7", "CS8" };
static const struct bit_field size_field = { 060, sizes };

/* CBAUD: four bits and CBAUDEX. */
enum { BAUD_MASK = 010017, BAUD_EXTRA = 010000, BAUD_LOW = 017, INPUT_SHIFT = 16 };

static const char *const bauds[] = {
	"B0",   "B50",   "B75",   "B110",  "B134",  "B150",  "B200",   "B300",
	"B600", "B1200", "B1800", "B2400", "B4800", "B9600", "B19200", "B38400",
};
static const char *const more_bauds[] = {
	"BOTHER",   "B57600",   "B115200",  "B230400",  "B460800",  "B500000",
	"B576000",  "B921600",  "B1000000", "B1152000", "B1500000", "B2000000",
	"B2500000", "B3000000", "B3500000", "B4000000",
};

static const char *baud_name(uint32_t flags)
{
	return (flags & BAUD_EXTRA ? more_bauds : bauds)[flags & BAUD_LOW];
}

/* Names in front of the flags that remain. */
struct words {
	const char *names[8];
	uint32_t n;
	uint32_t mask; /* bits that they stand for */
};

static void add_bit_field(struct words *words, const struct bit_field *field, uint32_t flags)
{
	uint32_t shift = (uint32_t)__builtin_ctz(field->mask);

	words->names[words->n++] = field->names[(flags & field->mask) >> shift];
	words->mask |= field->mask;
}

/* strace writes nothing for no flags at all, not even behind a |. */
static struct value flags_value(struct decode *d, const struct words *words,
				const struct const_set *set, uint32_t raw)
{
	uint32_t flags = raw & ~words->mask;
	struct value value = decode_flags(d->arena, set, flags);
	const char **names = arena_array(d->arena, const char *, words->n + value.flags.n + 1);
	uint32_t n = 0;

	for (uint32_t i = 0; i < words->n; i++)
		names[n++] = words->names[i];
	for (uint32_t i = 0; i < value.flags.n; i++)
		names[n++] = value.flags.names[i];
	if (!flags && d->options->is_strace)
		names[n++] = "";
	value.flags.names = names;
	value.flags.n = n;
	value.flags.raw = raw;
	return value;
}

static struct value input_value(struct decode *d, uint32_t flags)
{
	return flags_value(d, &(struct words){ .n = 0 }, &set_input, flags);
}

static struct value output_value(struct decode *d, uint32_t flags)
{
	struct words words = { .n = 0 };

	for (unsigned i = 0; i < ARRAY_LEN(output_fields); i++)
		add_bit_field(&words, &output_fields[i], flags);
	return flags_value(d, &words, &set_output, flags);
}

static struct value control_value(struct decode *d, uint32_t flags)
{
	uint32_t input = flags >> INPUT_SHIFT & BAUD_MASK;
	struct words words = { .n = 1, .mask = BAUD_MASK };

	words.names[0] = baud_name(flags);
	if (input) {
		words.names[words.n++] = arena_printf(d->arena, "%s<<IBSHIFT", baud_name(input));
		words.mask |= (uint32_t)BAUD_MASK << INPUT_SHIFT;
	}
	add_bit_field(&words, &size_field, flags);
	return flags_value(d, &words, &set_control, flags);
}

/* linux/tty.h */
static const struct const_name disciplines[] = {
	{ 0, "N_TTY" },          { 1, "N_SLIP" },          { 2, "N_MOUSE" },
	{ 3, "N_PPP" },          { 4, "N_STRIP" },         { 5, "N_AX25" },
	{ 6, "N_X25" },          { 7, "N_6PACK" },         { 8, "N_MASC" },
	{ 9, "N_R3964" },        { 10, "N_PROFIBUS_FDL" }, { 11, "N_IRDA" },
	{ 12, "N_SMSBLOCK" },    { 13, "N_HDLC" },         { 14, "N_SYNC_PPP" },
	{ 15, "N_HCI" },         { 16, "N_GIGASET_M101" }, { 17, "N_SLCAN" },
	{ 18, "N_PPS" },         { 19, "N_V253" },         { 20, "N_CAIF" },
	{ 21, "N_GSM0710" },     { 22, "N_TI_WL" },        { 23, "N_TRACESINK" },
	{ 24, "N_TRACEROUTER" }, { 25, "N_NCI" },          { 26, "N_SPEAKUP" },
	{ 27, "N_NULL" },        { 28, "N_MCTP" },         { 29, "N_DEVELOPMENT" },
	{ 30, "N_CAN327" },
};
static const struct const_set set_disciplines = CONST_SET(disciplines, "N_???");

static const char *const control_chars[] = {
	"VINTR", "VQUIT", "VERASE", "VKILL",    "VEOF",     "VTIME",   "VMIN",   "VSWTC", "VSTART",
	"VSTOP", "VSUSP", "VEOL",   "VREPRINT", "VDISCARD", "VWERASE", "VLNEXT", "VEOL2",
};

/* [[VINTR]=0x3, ...]: every item says which it is. */
static struct value chars_value(struct decode *d, const uint8_t *chars, uint32_t n)
{
	struct value value = value_array(d->arena, n);

	for (uint32_t i = 0; i < n; i++) {
		struct value *item = &value.array.items[i];

		*item = value_hex(chars[i]);
		item->label = i < ARRAY_LEN(control_chars)
				      ? arena_printf(d->arena, "[%s]", control_chars[i])
				      : arena_printf(d->arena, "[%u]", i);
	}
	return value;
}

static void add_verbose(struct value *st, const char *name, struct value field)
{
	struct value *value = value_field(st, name);

	*value = field;
	value->is_verbose = true;
	st->st.has_more = true;
}

/* Four flags words of len bytes, the discipline, n characters. */
static void show_settings(struct decode *d, const struct span *span, size_t len, uint32_t n,
			  struct value *ret_v)
{
	uint32_t flags[4];

	for (unsigned i = 0; i < 4; i++)
		flags[i] = (uint32_t)decode_number(span->data + i * len, len);
	*ret_v = value_struct(d->arena, 8);
	ret_v->addr = span->addr;
	*value_field(ret_v, "c_iflag") = input_value(d, flags[0]);
	*value_field(ret_v, "c_oflag") = output_value(d, flags[1]);
	*value_field(ret_v, "c_cflag") = control_value(d, flags[2]);
	*value_field(ret_v, "c_lflag") =
		flags_value(d, &(struct words){ .n = 0 }, &set_local, flags[3]);
	add_verbose(ret_v, "c_line", decode_enum(d->arena, &set_disciplines, span->data[4 * len]));
	add_verbose(ret_v, "c_cc", chars_value(d, span->data + 4 * len + 1, n));
}

enum { TERMIO_CHARS = 8, TERMIOS_CHARS = 19, SPEEDS = 36 };

static void show_termio(struct decode *d, const struct slot *slot, const struct span *span,
			struct value *ret_v)
{
	(void)slot;
	show_settings(d, span, 2, TERMIO_CHARS, ret_v);
}

static void show_termios(struct decode *d, const struct slot *slot, const struct span *span,
			 struct value *ret_v)
{
	(void)slot;
	show_settings(d, span, 4, TERMIOS_CHARS, ret_v);
}

static void show_termios2(struct decode *d, const struct slot *slot, const struct span *span,
			  struct value *ret_v)
{
	show_termios(d, slot, span, ret_v);
	add_verbose(ret_v, "c_ispeed", value_uint(decode_number(span->data + SPEEDS, 4)));
	add_verbose(ret_v, "c_ospeed", value_uint(decode_number(span->data + SPEEDS + 4, 4)));
}

const struct type type_termio = {
	.name = "termio", .len32 = 18, .len64 = 18, .align = 2, .show_bytes = show_termio
};
const struct type type_termios = {
	.name = "termios", .len32 = 36, .len64 = 36, .align = 4, .show_bytes = show_termios
};
const struct type type_termios2 = {
	.name = "termios2", .len32 = 44, .len64 = 44, .align = 4, .show_bytes = show_termios2
};

static const struct slot winsize_fields[] = {
	{ "ws_row", &type_u16 },
	{ "ws_col", &type_u16 },
	{ "ws_xpixel", &type_u16 },
	{ "ws_ypixel", &type_u16 },
	{ 0 },
};
const struct type type_winsize = { .name = "winsize", .fields = winsize_fields };

static const struct const_name modem_lines[] = {
	{ 0x1, "TIOCM_LE" },      { 0x2, "TIOCM_DTR" },     { 0x4, "TIOCM_RTS" },
	{ 0x8, "TIOCM_ST" },      { 0x10, "TIOCM_SR" },     { 0x20, "TIOCM_CTS" },
	{ 0x40, "TIOCM_CAR" },    { 0x80, "TIOCM_RNG" },    { 0x100, "TIOCM_DSR" },
	{ 0x2000, "TIOCM_OUT1" }, { 0x4000, "TIOCM_OUT2" }, { 0x8000, "TIOCM_LOOP" },
};
const struct const_set set_modem_lines = CONST_SET(modem_lines, "TIOCM_???");
