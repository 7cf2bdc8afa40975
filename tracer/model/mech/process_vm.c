/* Memory of another process, read and written without its doing. process_vm_readv(2) */
#include "model/mech.h"

static void apply(struct mech_call *m)
{
	bool is_read = m->handle.op == OP_RECV;

	if (m->is_success)
		mech_add_named(m, is_read ? PEER_FROM : PEER_TO, CERTAIN,
			       (pid_t)(int32_t)m->handle.id, -1);
}

const struct ipc_mech mech_process_vm = {
	.mech = MECH_PROCESS_VM,
	.prefix = "vm",
	.apply = apply,
};
