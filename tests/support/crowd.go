// Thousands of goroutines on hundreds of threads, signals, processes and sockets: what it prints is always the same.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func together(count int, task func(int)) {
	var group sync.WaitGroup
	for i := 0; i < count; i++ {
		group.Add(1)
		go func(number int) { defer group.Done(); task(number) }(i)
	}
	group.Wait()
}

// A ring of goroutines hands a token round.
func ring(count, rounds int) int {
	first := make(chan int)
	in := first
	for i := 1; i < count; i++ {
		out := make(chan int)
		go func(in, out chan int) {
			for token := range in {
				out <- token + 1
			}
			close(out)
		}(in, out)
		in = out
	}
	token := 0
	for i := 0; i < rounds; i++ {
		first <- token
		token = <-in
	}
	close(first)
	return token
}

// Each on a thread of its own; all of them live at once.
func threads(count int) (int, int64) {
	var sum int64
	var mutex sync.Mutex
	ids := map[int]bool{}
	ready := make(chan struct{})
	var here sync.WaitGroup
	here.Add(count)
	go func() { here.Wait(); close(ready) }()
	together(count, func(number int) {
		runtime.LockOSThread()
		here.Done()
		<-ready
		for i := 0; i < 50; i++ {
			atomic.AddInt64(&sum, int64(number))
			if i%10 == 0 {
				time.Sleep(time.Microsecond)
			}
		}
		mutex.Lock()
		ids[syscall.Gettid()] = true
		mutex.Unlock()
	})
	return len(ids), sum
}

func signals(count int) int {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, syscall.SIGUSR1, syscall.SIGUSR2)
	defer signal.Stop(arrived)
	right := 0
	for i := 0; i < count; i++ {
		sent := []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2}[i%2]
		syscall.Kill(syscall.Getpid(), sent)
		if <-arrived == sent {
			right++
		}
	}
	return right
}

// Loops without calls are interrupted by signals of the runtime's own.
func preempted() int64 {
	var sum int64
	together(8, func(number int) {
		n := int64(0)
		for i := int64(0); i < 40_000_000; i++ {
			n += i & 1
		}
		atomic.AddInt64(&sum, n)
	})
	return sum
}

func processes(count int) int {
	var right int64
	together(count, func(number int) {
		child := exec.Command("sh", "-c", fmt.Sprintf("cat; exit %d", number))
		text := bytes.Repeat([]byte{byte('a' + number)}, 100_000)
		child.Stdin = bytes.NewReader(text)
		out, err := child.Output()
		code := 0
		if exit, ok := err.(*exec.ExitError); ok {
			code = exit.ExitCode()
		}
		if code == number && bytes.Equal(out, text) {
			atomic.AddInt64(&right, 1)
		}
	})
	return int(right)
}

func sockets(kind, address string, count int) int {
	server, err := net.Listen(kind, address)
	if err != nil {
		fmt.Println(err)
		return -1
	}
	defer server.Close()
	go func() {
		for {
			one, err := server.Accept()
			if err != nil {
				return
			}
			go func() { defer one.Close(); io.Copy(one, one) }()
		}
	}()
	var right int64
	together(count, func(number int) {
		one, err := net.Dial(kind, server.Addr().String())
		if err != nil {
			fmt.Println(err)
			return
		}
		defer one.Close()
		text := bytes.Repeat([]byte{byte(number)}, 2000)
		answer := make([]byte, len(text))
		for i := 0; i < 20; i++ {
			one.Write(text)
			if _, err := io.ReadFull(one, answer); err != nil || !bytes.Equal(answer, text) {
				fmt.Println(err)
				return
			}
		}
		atomic.AddInt64(&right, 1)
	})
	return int(right)
}

func main() {
	fmt.Println("ring", ring(3000, 20))
	count, sum := threads(400)
	fmt.Println("threads", count, sum)
	fmt.Println("signals", signals(500))
	fmt.Println("preempted", preempted())
	fmt.Println("processes", processes(24))
	fmt.Println("tcp", sockets("tcp", "127.0.0.1:0", 100))
	fmt.Println("unix", sockets("unix", "socket", 100))
	runtime.GC()
	func() {
		defer func() { fmt.Println("recovered", recover()) }()
		var nothing *int
		*nothing = 1
	}()
	os.Exit(3)
}
