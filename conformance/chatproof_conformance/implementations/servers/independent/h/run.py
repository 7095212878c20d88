"""python -S -E run.py NAME --port N"""
import os, sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

FAULTY = {
 'loop': '''carriage-return-left-out-of-limit doubled-member-gets-error-without-text hyphen-u2010-in-name-refused
 refused-joiner-hears-the-talk second-leave-within-a-moment-untold join-timer-runs-on-after-second-try timer-of-a-half-line-not-cleared
 unread-queue-of-100-overflows-in-one-read private-to-absent-kept-for-the-next-of-that-name private-message-bears-time-of-join
 client-after-leaver-misses-the-notice failed-confirmation-copies-the-frame user-of-reset-connection-kept-12s
 private-messages-not-counted-as-unread connections-not-joined-count-as-places stop-resets-connections-not-joined
 carriage-return-between-tokens-ends-frame second-taken-name-ends-connection last-control-u009f-allowed-in-name
 join-that-ends-while-looked-up-leaves-a-ghost long-message-overtaken-by-short-one newcomer-deaf-for-a-moment-after-own-notice
 more-than-five-leaves-at-once-summed-up talk-reaches-newcomer-before-own-notice leave-after-reset-worded-otherwise
 list-for-newcomer-names-last-leaver form-feed-taken-for-white-space surrogate-pair-in-utf-8-accepted''',
 'threads': '''line-feed-at-start-of-read-does-not-end-skip type-that-is-a-list-kills-connection refused-joiner-takes-the-name-along
 sender-gets-own-message-before-the-lock shared-template-mixes-messages-under-load simultaneous-joins-lose-a-recipient
 four-stalled-readers-use-up-the-writers silent-connection-holds-up-accepting write-of-small-backlog-times-out-after-5s
 ring-of-512-loses-one-at-the-wrap stalled-client-holds-up-the-stop stop-ends-clients-one-by-one name-ending-in-unicode-space-refused
 double-space-in-name-made-one name-of-user-idle-5s-taken-over cr-lf-in-content-becomes-lf doubled-member-inside-nested-object-unseen
 those-not-joined-ended-at-every-tenth-second refused-second-join-renames-sender-of-private reason-null-for-private-to-oneself
 staff-names-refused read-of-exactly-4096-bytes-waits-for-more notice-of-more-than-100-bytes-cut
 same-content-again-within-a-second-dropped name-freed-only-when-threads-have-ended''',
 'epoll': '''space-at-start-of-read-lost part-sent-taken-for-all-sent control-u001f-written-raw half-frame-left-to-next-connection
 unsent-data-left-to-next-connection escaped-pairs-of-even-planes-decoded-wrong depth-counter-not-reset-after-bad-frame
 bad-utf-8-in-ignored-member-accepted digits-of-other-scripts-accepted underscore-in-unicode-escape-accepted
 end-of-stream-acted-on-before-the-rest-is-read value-nested-32-deep-refused reset-found-on-write-goes-untold
 client-that-does-not-read-is-not-read target-looked-up-once-per-sender frame-of-1024-refused-if-lf-comes-later
 nesting-of-1000-kills-connection stop-cuts-off-what-a-slow-reader-has-coming names-alike-in-48-bytes-are-one''',
 'workers': '''frames-beyond-100-wait-for-next-read errors-answered-past-the-hub private-within-a-worker-overtakes
 colon-in-target-misroutes-private name-checked-against-copy-in-worker stop-told-to-one-worker-only a-worker-outlives-the-main-process
 frames-behind-join-in-one-read-refused place-of-reset-connection-not-given-back private-to-absent-goes-to-longer-name
 tab-before-object-refused second-join-under-a-name-worded-as-return record-of-more-than-2048-bytes-cut target-normalised-before-look-up error-from-client-left-unanswered line-of-one-tab-answered''',
 'node': '''one-utf-8-decoder-for-all-connections names-of-object-prototype-in-use dollar-sign-in-name-mangles-notice
 leave-told-before-queued-frames-are-handled members-of-proto-member-count null-frame-left-unanswered lone-low-surrogate-let-through
 line-of-no-break-spaces-taken-for-blank name-of-17-emoji-refused types-of-object-prototype-unanswered
 more-than-300-messages-a-second-dropped content-slash-who-taken-for-command no-reason-for-user-who-has-left
 confirmation-shows-first-200-of-content array-called-malformed-json private-to-oneself-fails-when-alone
 third-message-before-join-ends-connection own-join-repeated-left-unanswered target-of-32-characters-refused
 private-number-256-gets-no-confirmation leave-told-for-join-refused-as-invalid''',
}
RIGHT = {
 'loop': 'every-character-escaped welcome-and-list-after-own-notice objects-without-lf-served bom-ignored-and-long-blanks-refused',
 'threads': 'spacious-json-with-cr-lf-and-blank-lines last-fitting-code-and-confirmation-first taken-name-ends-connection',
 'epoll': 'few-bytes-a-segment every-permitted-end-taken chatter-every-second',
 'workers': 'full-with-50 own-members-added-to-every-message musts-only',
 'node': 'leave-told-after-6s terse-without-codes answers-in-batches-cut-anywhere',
}
BASE = {n: b for t in (FAULTY, RIGHT) for b, ns in t.items() for n in ns.split()}
KIND = {n: 'faulty' for ns in FAULTY.values() for n in ns.split()}
KIND.update({n: 'right' for ns in RIGHT.values() for n in ns.split()})
for b in FAULTY:                      # base-loop and so on: the bases without a fault, for verify.py
    BASE['base-' + b] = b


def main():
    name, port = sys.argv[1], int(sys.argv[sys.argv.index('--port') + 1])
    base = BASE[name]
    fault = name if KIND.get(name) == 'faulty' else ''
    behave = name if KIND.get(name) == 'right' else ''
    if base == 'node':
        import shutil
        node = shutil.which('node') or '/usr/bin/node'
        os.execv(node, [node, os.path.join(HERE, 'base_node.js'), str(port), fault, behave])
    import wire
    wire.FAULT, wire.BEHAVE = fault, behave
    if base == 'loop':
        import base_loop as m
    elif base == 'threads':
        import base_threads as m
    elif base == 'epoll':
        import base_epoll as m
    else:
        import base_workers as m
    m.run(port, fault, behave)


if __name__ == '__main__':
    main()
