/* Names of sockets: families, types, protocols, message flags. */
#include "decode/consts/socket.h"

/* linux/socket.h */
static const struct const_name socket_families[] = {
	{ 0, "AF_UNSPEC" },      { 1, "AF_UNIX" },       { 2, "AF_INET" },
	{ 3, "AF_AX25" },        { 4, "AF_IPX" },        { 5, "AF_APPLETALK" },
	{ 6, "AF_NETROM" },      { 7, "AF_BRIDGE" },     { 8, "AF_ATMPVC" },
	{ 9, "AF_X25" },         { 10, "AF_INET6" },     { 11, "AF_ROSE" },
	{ 12, "AF_DECnet" },     { 13, "AF_NETBEUI" },   { 14, "AF_SECURITY" },
	{ 15, "AF_KEY" },        { 16, "AF_NETLINK" },   { 17, "AF_PACKET" },
	{ 18, "AF_ASH" },        { 19, "AF_ECONET" },    { 20, "AF_ATMSVC" },
	{ 21, "AF_RDS" },        { 22, "AF_SNA" },       { 23, "AF_IRDA" },
	{ 24, "AF_PPPOX" },      { 25, "AF_WANPIPE" },   { 26, "AF_LLC" },
	{ 27, "AF_IB" },         { 28, "AF_MPLS" },      { 29, "AF_CAN" },
	{ 30, "AF_TIPC" },       { 31, "AF_BLUETOOTH" }, { 32, "AF_IUCV" },
	{ 33, "AF_RXRPC" },      { 34, "AF_ISDN" },      { 35, "AF_PHONET" },
	{ 36, "AF_IEEE802154" }, { 37, "AF_CAIF" },      { 38, "AF_ALG" },
	{ 39, "AF_NFC" },        { 40, "AF_VSOCK" },     { 41, "AF_KCM" },
	{ 42, "AF_QIPCRTR" },    { 43, "AF_SMC" },       { 44, "AF_XDP" },
	{ 45, "AF_MCTP" },
};
const struct const_set set_socket_families = CONST_SET(socket_families, "AF_???");

/* linux/net.h */
static const struct const_name socket_types[] = {
	{ 1, "SOCK_STREAM" },    { 2, "SOCK_DGRAM" }, { 3, "SOCK_RAW" },     { 4, "SOCK_RDM" },
	{ 5, "SOCK_SEQPACKET" }, { 6, "SOCK_DCCP" },  { 10, "SOCK_PACKET" },
};
const struct const_set set_socket_types = CONST_SET(socket_types, "SOCK_???");

/* linux/net.h */
static const struct const_name socket_flags[] = {
	{ 02000000, "SOCK_CLOEXEC" },
	{ 04000, "SOCK_NONBLOCK" },
};
const struct const_set set_socket_flags = CONST_SET(socket_flags, "SOCK_???");

/* linux/socket.h */
static const struct const_name message_flags[] = {
	{ 0x1, "MSG_OOB" },
	{ 0x2, "MSG_PEEK" },
	{ 0x4, "MSG_DONTROUTE" },
	{ 0x8, "MSG_CTRUNC" },
	{ 0x10, "MSG_PROBE" },
	{ 0x20, "MSG_TRUNC" },
	{ 0x40, "MSG_DONTWAIT" },
	{ 0x80, "MSG_EOR" },
	{ 0x100, "MSG_WAITALL" },
	{ 0x200, "MSG_FIN" },
	{ 0x400, "MSG_SYN" },
	{ 0x800, "MSG_CONFIRM" },
	{ 0x1000, "MSG_RST" },
	{ 0x2000, "MSG_ERRQUEUE" },
	{ 0x4000, "MSG_NOSIGNAL" },
	{ 0x8000, "MSG_MORE" },
	{ 0x10000, "MSG_WAITFORONE" },
	{ 0x20000, "MSG_SENDPAGE_NOTLAST" },
	{ 0x40000, "MSG_BATCH" },
	{ 0x80000, "MSG_NO_SHARED_FRAGS" },
	{ 0x2000000, "MSG_SOCK_DEVMEM" },
	{ 0x4000000, "MSG_ZEROCOPY" },
	{ 0x20000000, "MSG_FASTOPEN" },
	{ 0x40000000, "MSG_CMSG_CLOEXEC" },
	{ 0x80000000, "MSG_CMSG_COMPAT" },
};
const struct const_set set_message_flags = CONST_SET(message_flags, "MSG_???");

/* linux/in.h */
static const struct const_name ip_protocols[] = {
	{ 0, "IPPROTO_IP" },       { 1, "IPPROTO_ICMP" },       { 2, "IPPROTO_IGMP" },
	{ 4, "IPPROTO_IPIP" },     { 6, "IPPROTO_TCP" },        { 8, "IPPROTO_EGP" },
	{ 12, "IPPROTO_PUP" },     { 17, "IPPROTO_UDP" },       { 22, "IPPROTO_IDP" },
	{ 29, "IPPROTO_TP" },      { 33, "IPPROTO_DCCP" },      { 41, "IPPROTO_IPV6" },
	{ 43, "IPPROTO_ROUTING" }, { 44, "IPPROTO_FRAGMENT" },  { 46, "IPPROTO_RSVP" },
	{ 47, "IPPROTO_GRE" },     { 50, "IPPROTO_ESP" },       { 51, "IPPROTO_AH" },
	{ 58, "IPPROTO_ICMPV6" },  { 59, "IPPROTO_NONE" },      { 60, "IPPROTO_DSTOPTS" },
	{ 92, "IPPROTO_MTP" },     { 94, "IPPROTO_BEETPH" },    { 98, "IPPROTO_ENCAP" },
	{ 103, "IPPROTO_PIM" },    { 108, "IPPROTO_COMP" },     { 115, "IPPROTO_L2TP" },
	{ 132, "IPPROTO_SCTP" },   { 135, "IPPROTO_MH" },       { 136, "IPPROTO_UDPLITE" },
	{ 137, "IPPROTO_MPLS" },   { 143, "IPPROTO_ETHERNET" }, { 144, "IPPROTO_AGGFRAG" },
	{ 255, "IPPROTO_RAW" },    { 256, "IPPROTO_SMC" },      { 262, "IPPROTO_MPTCP" },
};
const struct const_set set_ip_protocols = CONST_SET(ip_protocols, "IPPROTO_???");

/* linux/netlink.h */
static const struct const_name netlink_protocols[] = {
	{ 0, "NETLINK_ROUTE" },       { 1, "NETLINK_UNUSED" },
	{ 2, "NETLINK_USERSOCK" },    { 3, "NETLINK_FIREWALL" },
	{ 4, "NETLINK_SOCK_DIAG" },   { 5, "NETLINK_NFLOG" },
	{ 6, "NETLINK_XFRM" },        { 7, "NETLINK_SELINUX" },
	{ 8, "NETLINK_ISCSI" },       { 9, "NETLINK_AUDIT" },
	{ 10, "NETLINK_FIB_LOOKUP" }, { 11, "NETLINK_CONNECTOR" },
	{ 12, "NETLINK_NETFILTER" },  { 13, "NETLINK_IP6_FW" },
	{ 14, "NETLINK_DNRTMSG" },    { 15, "NETLINK_KOBJECT_UEVENT" },
	{ 16, "NETLINK_GENERIC" },    { 20, "NETLINK_RDMA" },
	{ 21, "NETLINK_CRYPTO" },     { 22, "NETLINK_SMC" },
};
const struct const_set set_netlink_protocols = CONST_SET(netlink_protocols, "NETLINK_???");

/* linux/if_ether.h */
static const struct const_name ether_types[] = {
	{ 0x60, "ETH_P_LOOP" },      { 0x200, "ETH_P_PUP" },       { 0x800, "ETH_P_IP" },
	{ 0x805, "ETH_P_X25" },      { 0x806, "ETH_P_ARP" },       { 0x4305, "ETH_P_BATMAN" },
	{ 0x8035, "ETH_P_RARP" },    { 0x809b, "ETH_P_ATALK" },    { 0x80f3, "ETH_P_AARP" },
	{ 0x8100, "ETH_P_8021Q" },   { 0x8137, "ETH_P_IPX" },      { 0x86dd, "ETH_P_IPV6" },
	{ 0x8808, "ETH_P_PAUSE" },   { 0x8809, "ETH_P_SLOW" },     { 0x8847, "ETH_P_MPLS_UC" },
	{ 0x8848, "ETH_P_MPLS_MC" }, { 0x8863, "ETH_P_PPP_DISC" }, { 0x8864, "ETH_P_PPP_SES" },
	{ 0x888e, "ETH_P_PAE" },     { 0x88a8, "ETH_P_8021AD" },   { 0x88cc, "ETH_P_LLDP" },
	{ 0x88e5, "ETH_P_MACSEC" },  { 0x88f7, "ETH_P_1588" },     { 0x8906, "ETH_P_FCOE" },
	{ 0x1, "ETH_P_802_3" },      { 0x2, "ETH_P_AX25" },        { 0x3, "ETH_P_ALL" },
	{ 0x4, "ETH_P_802_2" },      { 0x5, "ETH_P_SNAP" },        { 0xc, "ETH_P_CAN" },
	{ 0xd, "ETH_P_CANFD" },
};
const struct const_set set_ether_types = CONST_SET(ether_types, "ETH_P_???");

/* linux/if_arp.h */
static const struct const_name arp_types[] = {
	{ 0, "ARPHRD_NETROM" },
	{ 1, "ARPHRD_ETHER" },
	{ 2, "ARPHRD_EETHER" },
	{ 3, "ARPHRD_AX25" },
	{ 4, "ARPHRD_PRONET" },
	{ 5, "ARPHRD_CHAOS" },
	{ 6, "ARPHRD_IEEE802" },
	{ 7, "ARPHRD_ARCNET" },
	{ 8, "ARPHRD_APPLETLK" },
	{ 15, "ARPHRD_DLCI" },
	{ 19, "ARPHRD_ATM" },
	{ 23, "ARPHRD_METRICOM" },
	{ 24, "ARPHRD_IEEE1394" },
	{ 27, "ARPHRD_EUI64" },
	{ 32, "ARPHRD_INFINIBAND" },
	{ 256, "ARPHRD_SLIP" },
	{ 257, "ARPHRD_CSLIP" },
	{ 280, "ARPHRD_CAN" },
	{ 512, "ARPHRD_PPP" },
	{ 513, "ARPHRD_CISCO" },
	{ 518, "ARPHRD_RAWHDLC" },
	{ 519, "ARPHRD_RAWIP" },
	{ 768, "ARPHRD_TUNNEL" },
	{ 769, "ARPHRD_TUNNEL6" },
	{ 772, "ARPHRD_LOOPBACK" },
	{ 776, "ARPHRD_SIT" },
	{ 778, "ARPHRD_IPGRE" },
	{ 801, "ARPHRD_IEEE80211" },
	{ 802, "ARPHRD_IEEE80211_PRISM" },
	{ 803, "ARPHRD_IEEE80211_RADIOTAP" },
	{ 824, "ARPHRD_NETLINK" },
	{ 823, "ARPHRD_IP6GRE" },
	{ 826, "ARPHRD_VSOCKMON" },
	{ 65535, "ARPHRD_VOID" },
	{ 65534, "ARPHRD_NONE" },
};
const struct const_set set_arp_types = CONST_SET(arp_types, "ARPHRD_???");

/* linux/if_packet.h */
static const struct const_name packet_types[] = {
	{ 0, "PACKET_HOST" },      { 1, "PACKET_BROADCAST" }, { 2, "PACKET_MULTICAST" },
	{ 3, "PACKET_OTHERHOST" }, { 4, "PACKET_OUTGOING" },  { 5, "PACKET_LOOPBACK" },
	{ 6, "PACKET_USER" },      { 7, "PACKET_KERNEL" },
};
const struct const_set set_packet_types = CONST_SET(packet_types, "PACKET_???");

/* linux/net.h */
static const struct const_name shutdown_modes[] = {
	{ 0, "SHUT_RD" },
	{ 1, "SHUT_WR" },
	{ 2, "SHUT_RDWR" },
};
const struct const_set set_shutdown_modes = CONST_SET(shutdown_modes, "SHUT_???");

/* linux/vm_sockets.h */
static const struct const_name vsock_cids[] = {
	{ UINT32_MAX, "VMADDR_CID_ANY" },
	{ 0, "VMADDR_CID_HYPERVISOR" },
	{ 1, "VMADDR_CID_LOCAL" },
	{ 2, "VMADDR_CID_HOST" },
};
const struct const_set set_vsock_cids = CONST_SET(vsock_cids, NULL);

/* linux/vm_sockets.h */
static const struct const_name vsock_ports[] = {
	{ UINT32_MAX, "VMADDR_PORT_ANY" },
};
const struct const_set set_vsock_ports = CONST_SET(vsock_ports, NULL);

/* linux/vm_sockets.h */
static const struct const_name vsock_flags[] = {
	{ 1, "VMADDR_FLAG_TO_HOST" },
};
const struct const_set set_vsock_flags = CONST_SET(vsock_flags, "VMADDR_FLAG_???");

/* net/bluetooth/bluetooth.h */
static const struct const_name bt_protocols[] = {
	{ 0, "BTPROTO_L2CAP" },  { 1, "BTPROTO_HCI" },   { 2, "BTPROTO_SCO" },
	{ 3, "BTPROTO_RFCOMM" }, { 4, "BTPROTO_BNEP" },  { 5, "BTPROTO_CMTP" },
	{ 6, "BTPROTO_HIDP" },   { 7, "BTPROTO_AVDTP" },
};
const struct const_set set_bt_protocols = CONST_SET(bt_protocols, "BTPROTO_???");

/* linux/can.h */
static const struct const_name can_protocols[] = {
	{ 1, "CAN_RAW" },   { 2, "CAN_BCM" },   { 3, "CAN_TP16" },  { 4, "CAN_TP20" },
	{ 5, "CAN_MCNET" }, { 6, "CAN_ISOTP" }, { 7, "CAN_J1939" },
};
const struct const_set set_can_protocols = CONST_SET(can_protocols, "CAN_???");
