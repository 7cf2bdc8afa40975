#ifndef DECODE_CONSTS_FILE_H
#define DECODE_CONSTS_FILE_H

#include "decode/spec.h"

extern const struct const_set set_fs_magics, set_statfs_flags, set_statx_masks;
extern const struct const_set set_statx_attributes, set_statx_sync, set_unlink_flags;
extern const struct const_set set_access_flags, set_access_kinds, set_rename_flags;
extern const struct const_set set_resolve_flags, set_fallocate_modes, set_fadvices;
extern const struct const_set set_sync_ranges, set_dirent_types;

#endif
