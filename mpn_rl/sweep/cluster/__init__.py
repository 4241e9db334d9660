"""What goes to an HTCondor pool: checked before it goes, or written for condor_submit."""
