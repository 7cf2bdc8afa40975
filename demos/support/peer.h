#ifndef DEMO_PEER_H
#define DEMO_PEER_H
/* Processes of a demo: starting them, making them meet in order without sleep, seeing them off. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * fork() a process that speaks as `name`, calls `run` and exits with 0. It is killed when its
 * parent ends before it, so that an interrupted demo leaves nobody behind.
 */
pid_t spawn(const char *name, void (*run)(void));

/* fork() with the same care, for the demos in which the fork itself is the point. */
pid_t fork_peer(const char *name);

/* Wait for a child that must exit with 0, or must have died of this signal. */
void reap(pid_t pid);
void reap_killed(pid_t pid, int sig);

/* SIGKILL a child that hangs, as the demo meant it to, and reap it. */
void kill_and_reap(pid_t pid);

/*
 * Whose turn it is: an eventfd that counts the turns passed and not yet taken. turn_wait() blocks
 * until there is one. One write, one read: the same calls in every run.
 */
int turn_create(void);
void turn_pass(int turn);
void turn_wait(int turn);

/*
 * Wait until a process or thread sleeps inside system call `nr` (SYS_...). Only for the demos that
 * show a blocked peer and have no better witness; dies when the peer ends or the deadline comes.
 */
void await_blocked(pid_t tid, long nr);

/*
 * Somebody waits now. When this demo is traced, stay so for 300 ms, once: ipctrace announces a wait
 * that lasts 200 ms. Without a tracer it returns at once; nothing is synchronised by it.
 */
void let_wait_be_seen(void);

/* Whole buffers, where partial transfers are not the point; read_all dies at an early end. */
void write_all(int fd, const void *buffer, size_t len);
void read_all(int fd, void *buffer, size_t len);

/* Send a descriptor through a Unix socket, and receive it; fd-passing.c explains how. */
void pass_fd(int socket_fd, int fd);
int receive_fd(int socket_fd);

/* Two ends of a TCP connection over 127.0.0.1; tcp.c explains how. */
void tcp_pair(int ret_fds[2]);

#endif
