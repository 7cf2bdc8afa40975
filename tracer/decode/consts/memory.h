#ifndef DECODE_CONSTS_MEMORY_H
#define DECODE_CONSTS_MEMORY_H

#include "decode/spec.h"

extern const struct const_set set_prot, set_map_types, set_map_flags, set_mremap, set_msync,
	set_madvise, set_mlockall, set_mlock2;
extern const struct const_set set_memfd_flags, set_memfd_secret, set_userfaultfd, set_shadow_stack,
	set_pkey_rights;
extern const struct const_set set_mpol_modes, set_mpol_flags, set_mpol_get, set_mpol_move,
	set_mpol_move_pages;
extern const struct const_set set_membarrier, set_membarrier_commands, set_membarrier_flags;

#endif
