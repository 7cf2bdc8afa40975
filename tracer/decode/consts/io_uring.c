/* linux/io_uring.h up to Linux 6.19; linux/aio_abi.h with linux/fs.h, linux/ioprio.h. */
#include "decode/consts/io_uring.h"

static const struct const_name setup[] = {
	{ 1 << 0, "IORING_SETUP_IOPOLL" },         { 1 << 1, "IORING_SETUP_SQPOLL" },
	{ 1 << 2, "IORING_SETUP_SQ_AFF" },         { 1 << 3, "IORING_SETUP_CQSIZE" },
	{ 1 << 4, "IORING_SETUP_CLAMP" },          { 1 << 5, "IORING_SETUP_ATTACH_WQ" },
	{ 1 << 6, "IORING_SETUP_R_DISABLED" },     { 1 << 7, "IORING_SETUP_SUBMIT_ALL" },
	{ 1 << 8, "IORING_SETUP_COOP_TASKRUN" },   { 1 << 9, "IORING_SETUP_TASKRUN_FLAG" },
	{ 1 << 10, "IORING_SETUP_SQE128" },        { 1 << 11, "IORING_SETUP_CQE32" },
	{ 1 << 12, "IORING_SETUP_SINGLE_ISSUER" }, { 1 << 13, "IORING_SETUP_DEFER_TASKRUN" },
	{ 1 << 14, "IORING_SETUP_NO_MMAP" },       { 1 << 15, "IORING_SETUP_REGISTERED_FD_ONLY" },
	{ 1 << 16, "IORING_SETUP_NO_SQARRAY" },    { 1 << 17, "IORING_SETUP_HYBRID_IOPOLL" },
	{ 1 << 18, "IORING_SETUP_CQE_MIXED" },     { 1 << 19, "IORING_SETUP_SQE_MIXED" },
};
const struct const_set set_ring_setup = CONST_SET(setup, "IORING_SETUP_???");

static const struct const_name features[] = {
	{ 1 << 0, "IORING_FEAT_SINGLE_MMAP" },      { 1 << 1, "IORING_FEAT_NODROP" },
	{ 1 << 2, "IORING_FEAT_SUBMIT_STABLE" },    { 1 << 3, "IORING_FEAT_RW_CUR_POS" },
	{ 1 << 4, "IORING_FEAT_CUR_PERSONALITY" },  { 1 << 5, "IORING_FEAT_FAST_POLL" },
	{ 1 << 6, "IORING_FEAT_POLL_32BITS" },      { 1 << 7, "IORING_FEAT_SQPOLL_NONFIXED" },
	{ 1 << 8, "IORING_FEAT_EXT_ARG" },          { 1 << 9, "IORING_FEAT_NATIVE_WORKERS" },
	{ 1 << 10, "IORING_FEAT_RSRC_TAGS" },       { 1 << 11, "IORING_FEAT_CQE_SKIP" },
	{ 1 << 12, "IORING_FEAT_LINKED_FILE" },     { 1 << 13, "IORING_FEAT_REG_REG_RING" },
	{ 1 << 14, "IORING_FEAT_RECVSEND_BUNDLE" }, { 1 << 15, "IORING_FEAT_MIN_TIMEOUT" },
	{ 1 << 16, "IORING_FEAT_RW_ATTR" },         { 1 << 17, "IORING_FEAT_NO_IOWAIT" },
};
const struct const_set set_ring_features = CONST_SET(features, "IORING_FEAT_???");

static const struct const_name enter[] = {
	{ 1 << 0, "IORING_ENTER_GETEVENTS" },       { 1 << 1, "IORING_ENTER_SQ_WAKEUP" },
	{ 1 << 2, "IORING_ENTER_SQ_WAIT" },         { 1 << 3, "IORING_ENTER_EXT_ARG" },
	{ 1 << 4, "IORING_ENTER_REGISTERED_RING" }, { 1 << 5, "IORING_ENTER_ABS_TIMER" },
	{ 1 << 6, "IORING_ENTER_EXT_ARG_REG" },     { 1 << 7, "IORING_ENTER_NO_IOWAIT" },
};
const struct const_set set_ring_enter = CONST_SET(enter, "IORING_ENTER_???");

static const struct const_name registers[] = {
	{ 0, "IORING_REGISTER_BUFFERS" },         { 1, "IORING_UNREGISTER_BUFFERS" },
	{ 2, "IORING_REGISTER_FILES" },           { 3, "IORING_UNREGISTER_FILES" },
	{ 4, "IORING_REGISTER_EVENTFD" },         { 5, "IORING_UNREGISTER_EVENTFD" },
	{ 6, "IORING_REGISTER_FILES_UPDATE" },    { 7, "IORING_REGISTER_EVENTFD_ASYNC" },
	{ 8, "IORING_REGISTER_PROBE" },           { 9, "IORING_REGISTER_PERSONALITY" },
	{ 10, "IORING_UNREGISTER_PERSONALITY" },  { 11, "IORING_REGISTER_RESTRICTIONS" },
	{ 12, "IORING_REGISTER_ENABLE_RINGS" },   { 13, "IORING_REGISTER_FILES2" },
	{ 14, "IORING_REGISTER_FILES_UPDATE2" },  { 15, "IORING_REGISTER_BUFFERS2" },
	{ 16, "IORING_REGISTER_BUFFERS_UPDATE" }, { 17, "IORING_REGISTER_IOWQ_AFF" },
	{ 18, "IORING_UNREGISTER_IOWQ_AFF" },     { 19, "IORING_REGISTER_IOWQ_MAX_WORKERS" },
	{ 20, "IORING_REGISTER_RING_FDS" },       { 21, "IORING_UNREGISTER_RING_FDS" },
	{ 22, "IORING_REGISTER_PBUF_RING" },      { 23, "IORING_UNREGISTER_PBUF_RING" },
	{ 24, "IORING_REGISTER_SYNC_CANCEL" },    { 25, "IORING_REGISTER_FILE_ALLOC_RANGE" },
	{ 26, "IORING_REGISTER_PBUF_STATUS" },    { 27, "IORING_REGISTER_NAPI" },
	{ 28, "IORING_UNREGISTER_NAPI" },         { 29, "IORING_REGISTER_CLOCK" },
	{ 30, "IORING_REGISTER_CLONE_BUFFERS" },  { 31, "IORING_REGISTER_SEND_MSG_RING" },
	{ 32, "IORING_REGISTER_ZCRX_IFQ" },       { 33, "IORING_REGISTER_RESIZE_RINGS" },
	{ 34, "IORING_REGISTER_MEM_REGION" },     { 35, "IORING_REGISTER_QUERY" },
	{ 36, "IORING_REGISTER_ZCRX_CTRL" },
};
const struct const_set set_ring_registers = CONST_SET(registers, "IORING_REGISTER_???");

static const struct const_name ops[] = {
	{ 0, "IORING_OP_NOP" },
	{ 1, "IORING_OP_READV" },
	{ 2, "IORING_OP_WRITEV" },
	{ 3, "IORING_OP_FSYNC" },
	{ 4, "IORING_OP_READ_FIXED" },
	{ 5, "IORING_OP_WRITE_FIXED" },
	{ 6, "IORING_OP_POLL_ADD" },
	{ 7, "IORING_OP_POLL_REMOVE" },
	{ 8, "IORING_OP_SYNC_FILE_RANGE" },
	{ 9, "IORING_OP_SENDMSG" },
	{ 10, "IORING_OP_RECVMSG" },
	{ 11, "IORING_OP_TIMEOUT" },
	{ 12, "IORING_OP_TIMEOUT_REMOVE" },
	{ 13, "IORING_OP_ACCEPT" },
	{ 14, "IORING_OP_ASYNC_CANCEL" },
	{ 15, "IORING_OP_LINK_TIMEOUT" },
	{ 16, "IORING_OP_CONNECT" },
	{ 17, "IORING_OP_FALLOCATE" },
	{ 18, "IORING_OP_OPENAT" },
	{ 19, "IORING_OP_CLOSE" },
	{ 20, "IORING_OP_FILES_UPDATE" },
	{ 21, "IORING_OP_STATX" },
	{ 22, "IORING_OP_READ" },
	{ 23, "IORING_OP_WRITE" },
	{ 24, "IORING_OP_FADVISE" },
	{ 25, "IORING_OP_MADVISE" },
	{ 26, "IORING_OP_SEND" },
	{ 27, "IORING_OP_RECV" },
	{ 28, "IORING_OP_OPENAT2" },
	{ 29, "IORING_OP_EPOLL_CTL" },
	{ 30, "IORING_OP_SPLICE" },
	{ 31, "IORING_OP_PROVIDE_BUFFERS" },
	{ 32, "IORING_OP_REMOVE_BUFFERS" },
	{ 33, "IORING_OP_TEE" },
	{ 34, "IORING_OP_SHUTDOWN" },
	{ 35, "IORING_OP_RENAMEAT" },
	{ 36, "IORING_OP_UNLINKAT" },
	{ 37, "IORING_OP_MKDIRAT" },
	{ 38, "IORING_OP_SYMLINKAT" },
	{ 39, "IORING_OP_LINKAT" },
	{ 40, "IORING_OP_MSG_RING" },
	{ 41, "IORING_OP_FSETXATTR" },
	{ 42, "IORING_OP_SETXATTR" },
	{ 43, "IORING_OP_FGETXATTR" },
	{ 44, "IORING_OP_GETXATTR" },
	{ 45, "IORING_OP_SOCKET" },
	{ 46, "IORING_OP_URING_CMD" },
	{ 47, "IORING_OP_SEND_ZC" },
	{ 48, "IORING_OP_SENDMSG_ZC" },
	{ 49, "IORING_OP_READ_MULTISHOT" },
	{ 50, "IORING_OP_WAITID" },
	{ 51, "IORING_OP_FUTEX_WAIT" },
	{ 52, "IORING_OP_FUTEX_WAKE" },
	{ 53, "IORING_OP_FUTEX_WAITV" },
	{ 54, "IORING_OP_FIXED_FD_INSTALL" },
	{ 55, "IORING_OP_FTRUNCATE" },
	{ 56, "IORING_OP_BIND" },
	{ 57, "IORING_OP_LISTEN" },
	{ 58, "IORING_OP_RECV_ZC" },
	{ 59, "IORING_OP_EPOLL_WAIT" },
	{ 60, "IORING_OP_READV_FIXED" },
	{ 61, "IORING_OP_WRITEV_FIXED" },
	{ 62, "IORING_OP_PIPE" },
	{ 63, "IORING_OP_NOP128" },
	{ 64, "IORING_OP_URING_CMD128" },
};
const struct const_set set_ring_ops = CONST_SET(ops, "IORING_OP_???");

static const struct const_name op_flags[] = { { 1, "IO_URING_OP_SUPPORTED" } };
const struct const_set set_ring_op_flags = CONST_SET(op_flags, "IO_URING_OP_???");

static const struct const_name sqe_flags[] = {
	{ 1 << 0, "IOSQE_FIXED_FILE" },
	{ 1 << 1, "IOSQE_IO_DRAIN" },
	{ 1 << 2, "IOSQE_IO_LINK" },
	{ 1 << 3, "IOSQE_IO_HARDLINK" },
	{ 1 << 4, "IOSQE_ASYNC" },
	{ 1 << 5, "IOSQE_BUFFER_SELECT" },
	{ 1 << 6, "IOSQE_CQE_SKIP_SUCCESS" },
};
const struct const_set set_ring_sqe_flags = CONST_SET(sqe_flags, "IOSQE_???");

static const struct const_name restrictions[] = {
	{ 0, "IORING_RESTRICTION_REGISTER_OP" },
	{ 1, "IORING_RESTRICTION_SQE_OP" },
	{ 2, "IORING_RESTRICTION_SQE_FLAGS_ALLOWED" },
	{ 3, "IORING_RESTRICTION_SQE_FLAGS_REQUIRED" },
};
const struct const_set set_ring_restrictions = CONST_SET(restrictions, "IORING_RESTRICTION_???");

static const struct const_name rsrc_flags[] = { { 1, "IORING_RSRC_REGISTER_SPARSE" } };
const struct const_set set_ring_rsrc_flags = CONST_SET(rsrc_flags, "IORING_RSRC_???");

static const struct const_name cancel_flags[] = {
	{ 1 << 0, "IORING_ASYNC_CANCEL_ALL" },      { 1 << 1, "IORING_ASYNC_CANCEL_FD" },
	{ 1 << 2, "IORING_ASYNC_CANCEL_ANY" },      { 1 << 3, "IORING_ASYNC_CANCEL_FD_FIXED" },
	{ 1 << 4, "IORING_ASYNC_CANCEL_USERDATA" }, { 1 << 5, "IORING_ASYNC_CANCEL_OP" },
};
const struct const_set set_ring_cancel_flags = CONST_SET(cancel_flags, "IORING_ASYNC_CANCEL_???");

static const struct const_name pbuf_flags[] = {
	{ 1, "IOU_PBUF_RING_MMAP" },
	{ 2, "IOU_PBUF_RING_INC" },
};
const struct const_set set_ring_pbuf_flags = CONST_SET(pbuf_flags, "IOU_PBUF_RING_???");

static const struct const_name clone_flags[] = {
	{ 1, "IORING_REGISTER_SRC_REGISTERED" },
	{ 2, "IORING_REGISTER_DST_REPLACE" },
};
const struct const_set set_ring_clone_flags = CONST_SET(clone_flags, "IORING_REGISTER_???");

static const struct const_name aio_ops[] = {
	{ 0, "IOCB_CMD_PREAD" },  { 1, "IOCB_CMD_PWRITE" },  { 2, "IOCB_CMD_FSYNC" },
	{ 3, "IOCB_CMD_FDSYNC" }, { 5, "IOCB_CMD_POLL" },    { 6, "IOCB_CMD_NOOP" },
	{ 7, "IOCB_CMD_PREADV" }, { 8, "IOCB_CMD_PWRITEV" },
};
const struct const_set set_aio_ops = CONST_SET(aio_ops, "IOCB_CMD_???");

static const struct const_name aio_flags[] = {
	{ 1, "IOCB_FLAG_RESFD" },
	{ 2, "IOCB_FLAG_IOPRIO" },
};
const struct const_set set_aio_flags = CONST_SET(aio_flags, "IOCB_FLAG_???");

static const struct const_name aio_rw_flags[] = {
	{ 1 << 0, "RWF_HIPRI" },  { 1 << 1, "RWF_DSYNC" },     { 1 << 2, "RWF_SYNC" },
	{ 1 << 3, "RWF_NOWAIT" }, { 1 << 4, "RWF_APPEND" },    { 1 << 5, "RWF_NOAPPEND" },
	{ 1 << 6, "RWF_ATOMIC" }, { 1 << 7, "RWF_DONTCACHE" },
};
const struct const_set set_aio_rw_flags = CONST_SET(aio_rw_flags, "RWF_???");

static const struct const_name ioprio_classes[] = {
	{ 0, "IOPRIO_CLASS_NONE" },
	{ 1, "IOPRIO_CLASS_RT" },
	{ 2, "IOPRIO_CLASS_BE" },
	{ 3, "IOPRIO_CLASS_IDLE" },
};
const struct const_set set_ioprio_classes = CONST_SET(ioprio_classes, "IOPRIO_CLASS_???");
