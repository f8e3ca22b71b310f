;; Opens the file as a user would, takes the first action, and writes what it saw.  -*- lexical-binding: t -*-
(require 'package)
(package-initialize)
(require 'eglot)
(require 'json)
(setq eglot-sync-connect 60
      eglot-autoshutdown nil
      eglot-confirm-server-initiated-edits nil
      eglot-confirm-server-edits nil
      enable-local-variables nil
      ;; a batch Emacs has no idle time in which it would tell the server what was typed
      eglot-send-changes-idle-time 0)

(defun varsync-test-until (holds)
  "Waits until HOLDS gives something."
  (let ((deadline (+ (float-time) 60)) (found nil))
    (while (and (not (setq found (funcall holds))) (< (float-time) deadline))
      (accept-process-output nil 0.05))
    found))

(defun varsync-test-diagnostics ()
  "What the server published for this buffer."
  (flymake-start)
  (flymake-diagnostics))

(find-file (getenv "VARSYNC_FILE"))
;; it connects after the command that opened the file
(run-hooks 'post-command-hook)
(flymake-mode 1)
(let* ((first (car (varsync-test-until #'varsync-test-diagnostics)))
       (begin (flymake-diagnostic-beg first))
       (server (eglot-current-server))
       seen)
  (push (cons 'message (flymake-diagnostic-text first)) seen)
  (push (cons 'range (vector begin (flymake-diagnostic-end first))) seen)
  (goto-char begin)
  (let ((hover (jsonrpc-request server :textDocument/hover (eglot--TextDocumentPositionParams))))
    (push (cons 'hover (plist-get (plist-get hover :contents) :value)) seen))
  (let* ((at (eglot--pos-to-lsp-position))
         (actions (jsonrpc-request
                   server :textDocument/codeAction
                   (list :textDocument (eglot--TextDocumentIdentifier)
                         :range (list :start at :end at)
                         :context (list :diagnostics [])))))
    (push (cons 'actions (vconcat (mapcar (lambda (action) (plist-get action :title)) actions)))
          seen)
    (eglot--apply-workspace-edit (plist-get (aref actions 0) :edit)))
  (push (cons 'text (buffer-substring-no-properties (point-min) (point-max))) seen)
  (eglot--signal-textDocument/didChange)
  (push (cons 'left (if (varsync-test-until (lambda () (null (varsync-test-diagnostics)))) 0 1)) seen)
  (with-temp-file (getenv "VARSYNC_SEEN")
    (insert (json-encode seen)))
  (eglot-shutdown server))
(kill-emacs 0)
