#ifndef DECODE_CONSTS_IOCTL_H
#define DECODE_CONSTS_IOCTL_H

#include "decode/spec.h"

/* The name of an ioctl request, "BTRFS_IOC_CLONE or FICLONE" if it is shared; NULL if unknown. */
const char *ioctl_name(uint32_t request);

#endif
