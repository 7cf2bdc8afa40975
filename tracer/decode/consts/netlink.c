/* Names of netlink messages. */
#include "decode/consts/netlink.h"

#include <linux/netlink.h>

/* linux/netlink.h */
static const struct const_name general_types[] = {
	{ 1, "NLMSG_NOOP" },
	{ 2, "NLMSG_ERROR" },
	{ 3, "NLMSG_DONE" },
	{ 4, "NLMSG_OVERRUN" },
};
static const struct const_set set_general_types = CONST_SET(general_types, "NLMSG_???");

/* linux/rtnetlink.h */
static const struct const_name route_types[] = {
	{ 1, "NLMSG_NOOP" },
	{ 2, "NLMSG_ERROR" },
	{ 3, "NLMSG_DONE" },
	{ 4, "NLMSG_OVERRUN" },
	{ 16, "RTM_NEWLINK" },
	{ 17, "RTM_DELLINK" },
	{ 18, "RTM_GETLINK" },
	{ 19, "RTM_SETLINK" },
	{ 20, "RTM_NEWADDR" },
	{ 21, "RTM_DELADDR" },
	{ 22, "RTM_GETADDR" },
	{ 24, "RTM_NEWROUTE" },
	{ 25, "RTM_DELROUTE" },
	{ 26, "RTM_GETROUTE" },
	{ 28, "RTM_NEWNEIGH" },
	{ 29, "RTM_DELNEIGH" },
	{ 30, "RTM_GETNEIGH" },
	{ 32, "RTM_NEWRULE" },
	{ 33, "RTM_DELRULE" },
	{ 34, "RTM_GETRULE" },
	{ 36, "RTM_NEWQDISC" },
	{ 37, "RTM_DELQDISC" },
	{ 38, "RTM_GETQDISC" },
	{ 40, "RTM_NEWTCLASS" },
	{ 41, "RTM_DELTCLASS" },
	{ 42, "RTM_GETTCLASS" },
	{ 44, "RTM_NEWTFILTER" },
	{ 45, "RTM_DELTFILTER" },
	{ 46, "RTM_GETTFILTER" },
	{ 48, "RTM_NEWACTION" },
	{ 49, "RTM_DELACTION" },
	{ 50, "RTM_GETACTION" },
	{ 52, "RTM_NEWPREFIX" },
	{ 58, "RTM_GETMULTICAST" },
	{ 62, "RTM_GETANYCAST" },
	{ 64, "RTM_NEWNEIGHTBL" },
	{ 66, "RTM_GETNEIGHTBL" },
	{ 67, "RTM_SETNEIGHTBL" },
	{ 68, "RTM_NEWNDUSEROPT" },
	{ 72, "RTM_NEWADDRLABEL" },
	{ 73, "RTM_DELADDRLABEL" },
	{ 74, "RTM_GETADDRLABEL" },
	{ 78, "RTM_GETDCB" },
	{ 79, "RTM_SETDCB" },
	{ 80, "RTM_NEWNETCONF" },
	{ 81, "RTM_DELNETCONF" },
	{ 82, "RTM_GETNETCONF" },
	{ 84, "RTM_NEWMDB" },
	{ 85, "RTM_DELMDB" },
	{ 86, "RTM_GETMDB" },
	{ 88, "RTM_NEWNSID" },
	{ 89, "RTM_DELNSID" },
	{ 90, "RTM_GETNSID" },
	{ 92, "RTM_NEWSTATS" },
	{ 94, "RTM_GETSTATS" },
	{ 95, "RTM_SETSTATS" },
	{ 96, "RTM_NEWCACHEREPORT" },
	{ 100, "RTM_NEWCHAIN" },
	{ 101, "RTM_DELCHAIN" },
	{ 102, "RTM_GETCHAIN" },
	{ 104, "RTM_NEWNEXTHOP" },
	{ 105, "RTM_DELNEXTHOP" },
	{ 106, "RTM_GETNEXTHOP" },
	{ 108, "RTM_NEWLINKPROP" },
	{ 109, "RTM_DELLINKPROP" },
	{ 110, "RTM_GETLINKPROP" },
	{ 112, "RTM_NEWVLAN" },
	{ 113, "RTM_DELVLAN" },
	{ 114, "RTM_GETVLAN" },
	{ 116, "RTM_NEWNEXTHOPBUCKET" },
	{ 117, "RTM_DELNEXTHOPBUCKET" },
	{ 118, "RTM_GETNEXTHOPBUCKET" },
	{ 120, "RTM_NEWTUNNEL" },
	{ 121, "RTM_DELTUNNEL" },
	{ 122, "RTM_GETTUNNEL" },
};
static const struct const_set set_route_types = CONST_SET(route_types, "RTM_???");

/* linux/sock_diag.h, linux/inet_diag.h */
static const struct const_name diag_types[] = {
	{ 1, "NLMSG_NOOP" },           { 2, "NLMSG_ERROR" },      { 3, "NLMSG_DONE" },
	{ 4, "NLMSG_OVERRUN" },        { 18, "TCPDIAG_GETSOCK" }, { 19, "DCCPDIAG_GETSOCK" },
	{ 20, "SOCK_DIAG_BY_FAMILY" }, { 21, "SOCK_DESTROY" },
};
static const struct const_set set_diag_types = CONST_SET(diag_types, "SOCK_DIAG_???");

/* linux/genetlink.h: the controller; other families have numbers of the day */
static const struct const_name generic_types[] = {
	{ 1, "NLMSG_NOOP" },    { 2, "NLMSG_ERROR" }, { 3, "NLMSG_DONE" },
	{ 4, "NLMSG_OVERRUN" }, { 16, "nlctrl" },
};
static const struct const_set set_generic_types = CONST_SET(generic_types, "GENERIC_FAMILY_???");

/* linux/netlink.h */
static const struct const_name plain_flags[] = {
	{ 0x1, "NLM_F_REQUEST" }, { 0x2, "NLM_F_MULTI" },      { 0x4, "NLM_F_ACK" },
	{ 0x8, "NLM_F_ECHO" },    { 0x10, "NLM_F_DUMP_INTR" }, { 0x20, "NLM_F_DUMP_FILTERED" },
};
static const struct const_set set_plain_flags = CONST_SET(plain_flags, "NLM_F_???");

static const struct const_name get_flags[] = {
	{ 0x1, "NLM_F_REQUEST" },  { 0x2, "NLM_F_MULTI" },      { 0x4, "NLM_F_ACK" },
	{ 0x8, "NLM_F_ECHO" },     { 0x10, "NLM_F_DUMP_INTR" }, { 0x20, "NLM_F_DUMP_FILTERED" },
	{ 0x300, "NLM_F_DUMP" },   { 0x100, "NLM_F_ROOT" },     { 0x200, "NLM_F_MATCH" },
	{ 0x400, "NLM_F_ATOMIC" },
};
static const struct const_set set_get_flags = CONST_SET(get_flags, "NLM_F_???");

static const struct const_name new_flags[] = {
	{ 0x1, "NLM_F_REQUEST" },   { 0x2, "NLM_F_MULTI" },      { 0x4, "NLM_F_ACK" },
	{ 0x8, "NLM_F_ECHO" },      { 0x10, "NLM_F_DUMP_INTR" }, { 0x20, "NLM_F_DUMP_FILTERED" },
	{ 0x100, "NLM_F_REPLACE" }, { 0x200, "NLM_F_EXCL" },     { 0x400, "NLM_F_CREATE" },
	{ 0x800, "NLM_F_APPEND" },
};
static const struct const_set set_new_flags = CONST_SET(new_flags, "NLM_F_???");

static const struct const_name delete_flags[] = {
	{ 0x1, "NLM_F_REQUEST" },  { 0x2, "NLM_F_MULTI" },      { 0x4, "NLM_F_ACK" },
	{ 0x8, "NLM_F_ECHO" },     { 0x10, "NLM_F_DUMP_INTR" }, { 0x20, "NLM_F_DUMP_FILTERED" },
	{ 0x100, "NLM_F_NONREC" }, { 0x200, "NLM_F_BULK" },
};
static const struct const_set set_delete_flags = CONST_SET(delete_flags, "NLM_F_???");

static const struct const_name ack_flags[] = {
	{ 0x1, "NLM_F_REQUEST" },  { 0x2, "NLM_F_MULTI" },      { 0x4, "NLM_F_ACK" },
	{ 0x8, "NLM_F_ECHO" },     { 0x10, "NLM_F_DUMP_INTR" }, { 0x20, "NLM_F_DUMP_FILTERED" },
	{ 0x100, "NLM_F_CAPPED" }, { 0x200, "NLM_F_ACK_TLVS" },
};
static const struct const_set set_ack_flags = CONST_SET(ack_flags, "NLM_F_???");

const struct const_set *netlink_types(unsigned protocol)
{
	switch (protocol) {
	case NETLINK_ROUTE:
		return &set_route_types;
	case NETLINK_SOCK_DIAG:
		return &set_diag_types;
	case NETLINK_GENERIC:
		return &set_generic_types;
	default:
		return &set_general_types;
	}
}

/* rtnetlink's types come in fours: new, delete, get, set. */
static const struct const_set *route_flags(unsigned type)
{
	static const struct const_set *const by_operation[] = { &set_new_flags, &set_delete_flags,
								&set_get_flags, &set_plain_flags };

	return by_operation[type & 3];
}

const struct const_set *netlink_flags(unsigned protocol, unsigned type)
{
	if (type == NLMSG_ERROR)
		return &set_ack_flags;
	if (type < NLMSG_MIN_TYPE)
		return &set_plain_flags;
	if (protocol == NETLINK_ROUTE)
		return route_flags(type);
	if (protocol == NETLINK_SOCK_DIAG)
		return &set_get_flags;
	return &set_plain_flags;
}
