#ifndef DECODE_CONSTS_SOCKET_H
#define DECODE_CONSTS_SOCKET_H

#include "decode/spec.h"

extern const struct const_set set_socket_families;
extern const struct const_set set_socket_types;
extern const struct const_set set_socket_flags;
extern const struct const_set set_message_flags;
extern const struct const_set set_ip_protocols;
extern const struct const_set set_netlink_protocols;
extern const struct const_set set_ether_types;
extern const struct const_set set_arp_types;
extern const struct const_set set_packet_types;
extern const struct const_set set_shutdown_modes;
extern const struct const_set set_vsock_cids;
extern const struct const_set set_vsock_ports;
extern const struct const_set set_vsock_flags;
extern const struct const_set set_bt_protocols;
extern const struct const_set set_can_protocols;

#endif
