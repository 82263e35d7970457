package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/wheelpit/wheelpit/bench/load"
	"github.com/wheelpit/wheelpit/bench/pin"
	"github.com/wheelpit/wheelpit/bench/report"
	"github.com/wheelpit/wheelpit/bench/rival"
)

// Exit codes of Main and Compare.
const (
	exitOK         = 0
	exitFailed     = 1
	exitRegression = 3 // a budget was exceeded, or a figure got worse
)

// Main makes a run: it measures, writes the files that the options ask for, the tables to stdout, and the progress to
// stderr when that is a terminal. The error says why there is no report; what went wrong with single servers is in it.
func Main(ctx context.Context, opts Options, stdout, stderr io.Writer) (exitCode int, err error) {
	if runtime.GOOS != "linux" {
		return exitFailed, errors.New("bench: Linux only")
	}
	opts, err = opts.withDefaults()
	if err != nil {
		return exitFailed, err
	}
	result, err := measure(ctx, opts, stderr)
	if err != nil {
		return exitFailed, err
	}
	if opts.JSON != "" {
		err = errors.Join(err, result.Save(opts.JSON))
	}
	if opts.HTML != "" {
		err = errors.Join(err, result.SaveHTML(opts.HTML))
	}
	if err = errors.Join(err, result.WriteText(stdout)); err != nil {
		return exitFailed, err
	}
	if over := result.OverBudget(); opts.Budgets && len(over) > 0 {
		return exitRegression, fmt.Errorf("bench: over budget: %v", over)
	}
	return exitOK, nil
}

// runner is the state of a run.
type runner struct {
	opts     Options
	site     *site
	rivals   []rival.Rival // the servers of this run, the baseline first
	backends *rival.Backends
	progress *progress
}

// measure makes the run itself.
func measure(ctx context.Context, opts Options, stderr io.Writer) (*report.Report, error) {
	scenarios, err := choose(opts.Scenarios)
	if err != nil {
		return nil, err
	}
	if _, err := pin.RaiseFileLimit(); err != nil {
		return nil, err
	}
	st, err := newSite()
	if st != nil {
		defer st.remove()
	}
	if err != nil {
		return nil, err
	}
	r := &runner{opts: opts, site: st}
	defer r.stopBackends()
	result := &report.Report{Format: report.Format, Started: time.Now().Round(time.Second), Machine: machine()}
	result.Settings = report.Settings{Rounds: opts.Rounds, Slice: opts.Slice, Warmup: opts.Warmup, ServerCPU: opts.ServerCPU, LoadCPU: opts.LoadCPU}
	result.Servers, err = r.enlist(ctx)
	if err != nil {
		return nil, err
	}
	r.progress = newProgress(stderr, r.countSlices(scenarios))
	defer r.progress.clear()
	for i := range scenarios {
		one, err := r.scenario(ctx, &scenarios[i])
		if err != nil {
			return nil, err
		}
		result.Scenarios = append(result.Scenarios, one)
	}
	return result, nil
}

// choose returns the scenarios whose id fits one of the globs.
func choose(globs []string) ([]Scenario, error) {
	var chosen []Scenario
	for _, sc := range Scenarios() {
		ok, err := matches(globs, sc.ID)
		if err != nil {
			return nil, err
		}
		if ok {
			chosen = append(chosen, sc)
		}
	}
	if len(chosen) == 0 {
		return nil, fmt.Errorf("bench: no scenario fits %q", globs)
	}
	return chosen, nil
}

// enlist finds the servers of the run: those installed that the options ask for.
func (r *runner) enlist(ctx context.Context) ([]report.Server, error) {
	target := rival.Target{Argv: r.opts.Target, Build: or(r.opts.Version, "unreleased")}
	var servers []report.Server
	front := rival.Front{Argv: r.opts.Self[:1], Build: target.Build}
	for _, one := range append(rival.Installed(ctx, r.opts.Self), target, front) {
		ok, err := matches(r.opts.Servers, one.Name())
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		version, err := one.Version(ctx)
		if err != nil {
			return nil, err
		}
		r.rivals = append(r.rivals, one)
		named := report.Server{Name: one.Name(), Version: version}
		if !slices.Contains(servers, named) { // the front server is the target
			servers = append(servers, named)
		}
	}
	if len(servers) == 0 {
		return nil, fmt.Errorf("bench: no installed server fits %q", r.opts.Servers)
	}
	return servers, nil
}

func (r *runner) countSlices(scenarios []Scenario) int {
	n := 0
	for i := range scenarios {
		rounds := r.opts.Rounds
		if scenarios[i].Idle {
			rounds = 1
		}
		n += rounds * len(r.players(&scenarios[i]))
	}
	return n
}

// scenario measures one scenario. Servers that cannot play it are noted; the run ends only when its context does or
// when this machine cannot hold the files.
func (r *runner) scenario(ctx context.Context, sc *Scenario) (report.Scenario, error) {
	result := report.Scenario{ID: sc.ID, Title: sc.Title, Load: r.tool(sc), Budget: sc.Budget}
	if err := r.site.prepare(sc); err != nil {
		return result, err
	}
	var players []*player
	for _, p := range r.players(sc) {
		defer p.leave()
		r.progress.show("%s: starting %s", sc.ID, p.name)
		if err := p.enter(ctx, r, sc); err != nil {
			result.Notes = append(result.Notes, err.Error())
			continue
		}
		players = append(players, p)
	}
	if err := r.play(ctx, sc, players, &result); err != nil {
		return result, err
	}
	return result, ctx.Err()
}

// play fills the rows of the result.
func (r *runner) play(ctx context.Context, sc *Scenario, players []*player, result *report.Scenario) error {
	if sc.Idle {
		result.Title = fmt.Sprintf("%d %s", r.opts.Connections, sc.Title)
		for _, p := range players {
			r.progress.step("%s: %s", sc.ID, p.name)
			row, err := r.idle(ctx, p)
			if err != nil {
				result.Notes = append(result.Notes, fmt.Sprintf("%s left out: %v", p.name, err))
				continue
			}
			result.Rows = append(result.Rows, row)
		}
	} else {
		if err := r.rounds(ctx, sc, players); err != nil {
			return err
		}
		for _, p := range players {
			result.Rows = append(result.Rows, p.row())
		}
	}
	summarize(result, sc)
	return nil
}

// rounds gives every player one slice per round, in turns forward and backward.
func (r *runner) rounds(ctx context.Context, sc *Scenario, players []*player) error {
	if sc.Busy > 0 && len(players) > 0 {
		r.progress.show("%s: what %s can do", sc.ID, players[0].name)
		rate, err := r.rateFor(ctx, *sc, players[0])
		if err != nil {
			return err
		}
		sc.Rate = rate
	}
	order := slices.Clone(players)
	for round := range r.opts.Rounds {
		for i, p := range order {
			if err := ctx.Err(); err != nil {
				return err
			}
			r.progress.step("%s: round %d of %d, %s", sc.ID, round+1, r.opts.Rounds, p.name)
			slice := r.slice(ctx, sc, p)
			slice.Round, slice.Order = round, i
			p.slices = append(p.slices, slice)
		}
		slices.Reverse(order)
	}
	return nil
}

// rateFor measures at how many requests per second of an open loop p is as busy as the scenario says. A request costs more there than in
// a closed loop, where many come at a time.
func (r *runner) rateFor(ctx context.Context, sc Scenario, p *player) (float64, error) {
	slice := r.slice(ctx, &sc, p)
	if slice.Requests > 0 {
		sc.Rate = float64(slice.Requests) / slice.Elapsed.Seconds() / 4
		slice = r.slice(ctx, &sc, p)
	}
	if slice.Requests == 0 || slice.ServerCPU <= 0 {
		return 0, fmt.Errorf("bench: rate for %s: %s", p.name, or(slice.Discarded, "no CPU time"))
	}
	return sc.Busy * float64(slice.Requests) / slice.ServerCPU.Seconds(), nil
}

// The names of what makes the load, in reports.
const (
	toolWrk = "wrk"
	toolOwn = "own generator"
)

// tool is what makes the load of a scenario.
func (r *runner) tool(sc *Scenario) string {
	useWrk := r.opts.Wrk == Always || r.opts.Wrk == Auto && load.WrkInstalled()
	if useWrk && !sc.Idle && load.WrkCan(&load.Plan{Rate: sc.Rate + sc.Busy, Close: sc.Close}) {
		return toolWrk
	}
	return toolOwn
}
